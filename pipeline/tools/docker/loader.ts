import type { Container, ContainerCreateOptions, MountSettings } from 'dockerode';
import type { RunSpec } from '../tools.ts';
import type { Place } from './places.ts';

/**
 * The engine takes no files into a container whose root is read-only, and only the command that runs in it could give a new
 * volume to its user. So the volumes are made by another container that is never started and takes the files: the loader.
 * They are anonymous, so that they go when it is removed, and marked, so that a sweep finds them where it could not be.
 */
export function loaderOptions(
  spec: RunSpec,
  places: readonly Place[],
  made: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly volumeLabels: Record<string, string>;
  },
): ContainerCreateOptions {
  return {
    name: made.name,
    Image: spec.image,
    Entrypoint: [],
    Cmd: ['/none'],
    Labels: made.labels,
    HostConfig: {
      NetworkMode: 'none',
      Mounts: places.map(({ path, volume }): MountSettings => ({
        Type: 'volume',
        Source: volume ?? '',
        Target: path,
        ...(volume === null
          ? { VolumeOptions: { NoCopy: false, Labels: made.volumeLabels, DriverConfig: LOCAL } }
          : {}),
      })),
    },
  };
}

const LOCAL = { Name: 'local', Options: {} };

/** The mounts that give another container what the loader holds. */
export async function mountsFrom(loader: Container, places: readonly Place[]): Promise<MountSettings[]> {
  const { Mounts } = await loader.inspect();
  return places.map(({ path, readOnly }): MountSettings => {
    const name = Mounts.find(({ Destination }) => Destination === path)?.Name;
    if (name === undefined) throw new Error(`the engine made no volume for ${path}`);
    return { Type: 'volume', Source: name, Target: path, ReadOnly: readOnly };
  });
}
