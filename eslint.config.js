import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Only these may be imported there: the walls of docs/design.md as lint rules. */
const only = (files, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const nodeIo = {
  group: ['node:fs', 'node:fs/*', 'node:child_process', 'node:net', 'node:http', 'node:https', 'node:os'],
  message: 'This folder is pure: effects live in tools/.',
};
const versions = {
  group: ['semver'],
  message: 'semver orders RPM versions wrongly: use rpm/evr.ts. Only tools/** compares versions of tools.',
};
const engineLibraries = {
  group: ['dockerode', 'got', 'basic-ftp'],
  message: 'Only tools/** talks to the engine and the network.',
};
const toolCode = {
  regex: '\\.\\./tools/(?!tools\\.ts$).+',
  message: 'Import only the types in tools/tools.ts; tools are passed in.',
};

export default tseslint.config(
  { ignores: ['node_modules/', 'artifacts/', 'coverage/'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  only(['pipeline/**/*.ts'], [engineLibraries, versions]),
  only(['pipeline/{plan,rpm}/**/*.ts', 'pipeline/recipe/schema*.ts'], [engineLibraries, versions, nodeIo, toolCode]),
  only(['pipeline/stages/**/*.ts'], [engineLibraries, versions, nodeIo, toolCode]),
  { files: ['pipeline/tools/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['pipeline/**/*.ts'],
    ignores: ['pipeline/report/**', 'pipeline/factory.ts', 'pipeline/cli/**'],
    rules: {
      'no-restricted-globals': ['error', { name: 'console', message: 'Only report/ and factory.ts print.' }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'stdout', message: 'Only report/ and factory.ts print.' },
        { object: 'process', property: 'stderr', message: 'Only report/ and factory.ts print.' },
        { object: 'process', property: 'env', message: 'Only factory.ts reads the environment.' },
        { object: 'process', property: 'argv', message: 'Only factory.ts reads the command line.' },
        { object: 'process', property: 'exit', message: 'Only factory.ts ends the process.' },
      ],
    },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
