/** What is wrong, the text of hello's recipe.yaml that is replaced, what by, and all problems as `line:column path: message`. */
export type Case = readonly [name: string, find: string, by: string, problems: readonly string[]];

export const CASES: readonly Case[] = [
  [
    'a strongest fragment that is no file of the package',
    'fragment: config-generic\n      set:',
    'fragment: config-generic\n      strongest: config-locl\n      set:',
    ['40:18 packages.hello-director.config.strongest: unknown file "config-locl"; there are: config-generic'],
  ],
  [
    'a misspelt key',
    'sources:\n  hello:',
    'sourcs:\n  hello:',
    [
      '2:1 sources: missing key "sources"',
      '20:1 sourcs: unknown key "sourcs"; allowed: schema, name, extends, description, epoch, dist, bases, images, limits, keys, sources, packages, roles, pair, verify, signing, publish; did you mean "sources"?',
    ],
  ],
  [
    'a misspelt key inside',
    '    buildid: .toa',
    '    build_id: .toa',
    [
      '63:5 packages.hello-backend.build_id: unknown key "build_id"; allowed: group, role, spec, srpm, source, patchedTree, modules, sources, files, buildid, edits, config, patches, defines, with, needs, produces, optional, ccache, objects, treeMiB, memoryMiB; did you mean "buildid"?',
    ],
  ],
  [
    'a missing key',
    '    spec: hello.spec\n    sources:\n      - source: hello\n    buildid: .toa',
    '    buildid: .toa',
    ['57:3 packages.hello-backend.spec: missing key "spec"'],
  ],
  [
    'a registry without a host',
    'builder: { context: debian-builder, from: debian }',
    'builder: { context: debian-builder, from: debian, cache: acme/fullnat }',
    [
      '17:60 images.builder.cache: "acme/fullnat" must be registry/path, as in ghcr.io/acme/fullnat: with a host, without scheme and tag',
    ],
  ],
  ['a missing top-level key', 'dist: .fn12\n', '', ['2:1 dist: missing key "dist"']],
  ['another schema', 'schema: 1', 'schema: 2', ['2:9 schema: 2 must be 1']],
  [
    'a string for a number',
    'epoch: 1767225600',
    'epoch: 2026-01-01',
    ['6:8 epoch: must be a number, not string "2026-01-01"'],
  ],
  [
    'an epoch in milliseconds',
    'epoch: 1767225600',
    'epoch: 1767225600000',
    ['6:8 epoch: 1767225600000 must be seconds since 1970, not after the year 2100'],
  ],
  [
    'an epoch too early',
    'epoch: 1767225600',
    'epoch: 0',
    ['6:8 epoch: 0 must be seconds since 1970, not before the year 2000'],
  ],
  [
    'a dash in dist',
    'dist: .fn12',
    'dist: .fn-12',
    ['7:7 dist: ".fn-12" must be a "." followed by letters, digits, "_" and "."'],
  ],
  [
    'a tilde in a buildid',
    'buildid: .toa',
    'buildid: .toa~1',
    ['63:14 packages.hello-backend.buildid: ".toa~1" must be a "." followed by letters, digits, "_" and "."'],
  ],
  [
    'a buildid without its dot',
    'buildid: .toa',
    'buildid: toa',
    ['63:14 packages.hello-backend.buildid: "toa" must be a "." followed by letters, digits, "_" and "."'],
  ],
  [
    'an unknown kind of source',
    'kind: file\n    path: hello.c',
    'kind: fil\n    path: hello.c',
    ['22:11 sources.hello.kind: "fil" is not one of: http, file, apt, member; did you mean "file"?'],
  ],
  [
    'a source without a kind',
    'kind: file\n    path: hello.c',
    'path: hello.c',
    ['21:3 sources.hello.kind: missing key "kind" (one of: http, file, apt, member)'],
  ],
  [
    'a key of another kind',
    'path: hello.c',
    'path: hello.c\n    urls: [http://example.org/hello.c]',
    ['24:5 sources.hello.urls: unknown key "urls"; allowed: kind, path'],
  ],
  [
    'a path that leads out',
    'path: hello.c',
    'path: ../hello.c',
    [
      '23:11 sources.hello.path: "../hello.c" must be a relative path that stays in its folder: no leading "/", no "." or ".." parts',
    ],
  ],
  [
    'an absolute path',
    'path: hello.c',
    'path: /etc/passwd',
    [
      '23:11 sources.hello.path: "/etc/passwd" must be a relative path that stays in its folder: no leading "/", no "." or ".." parts',
    ],
  ],
  ['a missing file', 'path: hello.c', 'path: hallo.c', ['23:11 sources.hello.path: there is no file hallo.c']],
  [
    'a folder for a file',
    'path: hello.c',
    'path: patches',
    ['23:11 sources.hello.path: patches is not a regular file'],
  ],
  [
    'a missing spec',
    'spec: hello.spec\n    sources:\n      - source: hello\n    buildid: .toa',
    'spec: hallo.spec\n    sources:\n      - source: hello\n    buildid: .toa',
    [
      '60:11 packages.hello-backend.spec: there is no file hallo.spec',
      '66:15 packages.hello-backend.edits[0].file: unknown file "hello.spec"; there are: hallo.spec, config-generic; did you mean "hallo.spec"?',
    ],
  ],
  [
    'a missing image',
    'builder: { context: debian-builder',
    'builder: { context: debian-bilder',
    ['17:23 images.builder.context: there is no file dockerfiles/debian-bilder/Dockerfile'],
  ],
  [
    'an unknown source',
    '- source: hello\n    buildid: .toa',
    '- source: helo\n    buildid: .toa',
    ['62:17 packages.hello-backend.sources[0].source: unknown source "helo"; there are: hello; did you mean "hello"?'],
  ],
  [
    'an unknown role',
    'role: backend',
    'role: backnd',
    ['59:11 packages.hello-backend.role: unknown role "backnd"; there are: director, backend; did you mean "backend"?'],
  ],
  [
    'an unknown package in a role',
    '{ package: hello-backend, rpm: hello }',
    '{ package: hello-bakend, rpm: hello }',
    [
      '88:20 roles.backend.packages[0].package: unknown package "hello-bakend"; there are: hello-director, hello-backend; did you mean "hello-backend"?',
    ],
  ],
  [
    'an RPM that nobody makes',
    '{ package: hello-backend, rpm: hello }',
    '{ package: hello-backend, rpm: helo }',
    [
      '88:40 roles.backend.packages[0].rpm: package hello-backend does not produce "helo", only: hello; did you mean "hello"?',
    ],
  ],
  [
    'a need that needs back',
    'buildid: .toa',
    'buildid: .toa\n    needs: [{ package: hello-backend, rpm: hello }]',
    ['64:12 packages.hello-backend.needs: a cycle of needs: hello-backend -> hello-backend'],
  ],
  [
    'the same release twice',
    'buildid: .toa',
    'buildid: .ipvs_20bit',
    [
      '60:11 packages.hello-backend.spec: hello.spec (source package) comes out of package hello-director already, with the same buildid',
      '74:16 packages.hello-backend.produces[0]: hello comes out of package hello-director already, with the same buildid',
    ],
  ],
  [
    'an RPM twice',
    'produces: [hello]\n    ccache: hello\n    objects: 1\n    treeMiB: 64\n\n  hello-backend',
    'produces: [hello, hello]\n\n  hello-backend',
    ['52:23 packages.hello-director.produces[1]: "hello" is here twice'],
  ],
  [
    'a bad symbol',
    'CONFIG_TOA: m',
    'TOA: m',
    [
      '72:9 packages.hello-backend.config.add.TOA: key "TOA" must be a configuration symbol: CONFIG_ and capitals, digits, "_"',
    ],
  ],
  [
    'a boolean for a config value',
    'CONFIG_TOA: m',
    'CONFIG_TOA: true',
    [
      '72:21 packages.hello-backend.config.add.CONFIG_TOA: true must be y, m, n, a number or a string as .config writes it (quote true, 0x10 and the like)',
    ],
  ],
  [
    'a number that would change',
    'CONFIG_TOA: m',
    'CONFIG_TOA: 0x10',
    ['72:21 packages.hello-backend.config.add.CONFIG_TOA: 0x10 would become 16: quote it ("0x10")'],
  ],
  [
    'a symbol both set and added',
    'set:\n        CONFIG_HELLO_BITS: 20',
    'set:\n        CONFIG_HELLO_BITS: 20\n      add:\n        CONFIG_HELLO_BITS: 20',
    [
      '43:9 packages.hello-director.config.add.CONFIG_HELLO_BITS: CONFIG_HELLO_BITS is in "set" already: it is either there or not',
    ],
  ],
  [
    'values that contradict',
    'CONFIG_HELLO: y',
    'CONFIG_HELLO_BITS: 12',
    [
      '43:28 packages.hello-director.config.values.CONFIG_HELLO_BITS: CONFIG_HELLO_BITS cannot be 12: the recipe makes it 20',
    ],
  ],
  [
    'an edit of an unknown file',
    "file: hello.spec\n        line: '%define greeting nobody'\n        with: '%define greeting backend'",
    "file: helo.spec\n        line: '%define greeting nobody'\n        with: '%define greeting backend'",
    [
      '66:15 packages.hello-backend.edits[0].file: unknown file "helo.spec"; there are: hello.spec, config-generic; did you mean "hello.spec"?',
    ],
  ],
  [
    'an edit of the buildid',
    "line: '%define greeting nobody'\n        with: '%define greeting backend'",
    "line: '# % define buildid .local'\n        with: '%define buildid .x'",
    ['67:15 packages.hello-backend.edits[0].line: the buildid has a key of its own: "buildid"'],
  ],
  [
    'a template without a version',
    'greeting backend',
    'greeting {hello.upstreamVersion}',
    ['68:15 packages.hello-backend.edits[0].with: source "hello" has no known version: only an apt source has one'],
  ],
  [
    'a template of nothing',
    'greeting backend',
    'greeting {linux.upstreamVersion}',
    ['68:15 packages.hello-backend.edits[0].with: unknown source "linux"; there are: hello'],
  ],
  [
    'an unknown op',
    "op: replace\n        file: hello.spec\n        line: '%define greeting nobody'\n        with: '%define greeting backend'",
    'op: remove',
    ['65:13 packages.hello-backend.edits[0].op: "remove" is not one of: replace, insert-before, insert-after'],
  ],
  [
    'apt files that nobody chose',
    'sources:\n  hello:',
    'sources:\n  tools:\n    kind: apt\n    package: ipvsadm\n    source: true\n  hello:',
    [
      '21:3 sources.tools: a source package has several files: "file" must say which',
      '21:3 sources.tools: nothing uses source "tools"',
    ],
  ],
  [
    'members in a circle',
    'sources:\n  hello:',
    'sources:\n  a: { kind: member, of: b, path: b, file: b }\n  b: { kind: member, of: a, path: a, file: a }\n  hello:',
    ['21:26 sources.a.of: a cycle of members: a -> b -> a'],
  ],
  [
    'a digest that is none',
    'digest: sha256:1209d8fd',
    'digest: sha256:xyz',
    [
      '12:13 bases.debian.digest: "sha256:xyz77def86ceb6663deef7956481cc6c14a25e1e64daec12c... must be sha256: and 64 hex digits',
    ],
  ],
  [
    'another name than its folder',
    'name: hello\n',
    'name: holla\n',
    ['3:7 name: must be the name of the recipe\'s folder, "hello"'],
  ],
  [
    'a missing series',
    'dir: hello-director',
    'dir: hello-directr',
    [
      '47:12 packages.hello-director.patches.dir: there is no file hello-directr/series below the patches of this recipe',
    ],
  ],
  [
    'no use of the patch',
    'applyWith: ApplyPatch {name}',
    'applyWith: ApplyPatch',
    ['50:18 packages.hello-director.patches.applyWith: "ApplyPatch" must hold {name} or {number}'],
  ],
  [
    'a list for a map',
    'images:\n  builder: { context: debian-builder, from: debian }\n  target: { context: debian-target, from: debian }',
    'images: [debian-builder]',
    ['16:9 images: must be a map, not a list'],
  ],
  ['a key twice', 'dist: .fn12', 'dist: .fn12\ndist: .fn13', ['8:1: YAML: Map keys must be unique']],
  [
    'an alias',
    'dist: .fn12',
    'dist: &d .fn12\ndescription2: *d',
    [
      '7:10: anchors are not allowed: write the value out where it is used',
      '8:15: aliases are not allowed: write the value out',
    ],
  ],
  [
    'broken YAML',
    'images:\n  builder:',
    'images: {\n  builder:',
    [
      '18:3: YAML: Missing , between flow map items',
      '20:1: YAML: Flow map in block collection must be sufficiently indented and end with a }',
    ],
  ],
  [
    'a tab in a check',
    "argument: hello, expected: 'hello backend",
    'argument: "a\\tb", expected: \'hello backend',
    ['90:46 roles.backend.checks[0].argument: "a\\tb" must have no tab in it'],
  ],
  [
    'an unknown base',
    'target: { context: debian-target, from: debian }',
    'target: { context: debian-target, from: debain }',
    ['18:43 images.target.from: unknown base "debain"; there are: debian; did you mean "debian"?'],
  ],
  [
    'a base from nowhere',
    '    image: docker.io/library/debian\n',
    '',
    ['10:3 bases.debian: must have image and digest, or rootfs'],
  ],
  [
    'a root file system beside an image, and from a source without a checksum',
    '    bootstrap:\n',
    '    rootfs: hello\n    bootstrap:\n',
    [
      '13:5 bases.debian.rootfs: is given instead of image, digest and bootstrap, not beside them',
      '13:13 bases.debian.rootfs: source "hello" must be of kind http and have its sha256 in the recipe',
    ],
  ],
  [
    'mirrors of which only one has a key',
    'sources:\n  hello:\n    kind: file\n    path: hello.c\n',
    'keys:\n  us: { fingerprint: 0123456789ABCDEF0123456789ABCDEF01234567 }\nsources:\n  hello:\n    kind: http\n    file: h.c\n    urls:\n      - { url: "http://127.0.0.1/a", key: su }\n      - http://127.0.0.1/b\n',
    [
      '27:43 sources.hello.urls[0].key: unknown key "su"; there are: us; did you mean "us"?',
      '28:9 sources.hello.urls[1]: must have a key like the other mirrors of this source: {url, key}',
    ],
  ],
  [
    'a patched tree that is not there',
    '    buildid: .toa',
    '    source: patched-tree\n    buildid: .toa',
    ['63:13 packages.hello-backend.source: patched-tree needs "patchedTree" to say where the tree comes from'],
  ],
];
