import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCopy, readStages, type Stage } from './dockerfile.js';

/** Docker's names of processor architectures. */
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Builds by the Dockerfile's own steps, without Docker: each stage in a folder of its own under `target`, which takes the place of its root.
 * Steps of the stages before the last run here, with this node and npm. Of the last stage only the copies are made: its other steps want Debian.
 * Returns the last stage's root.
 */
export function buildImage(project: string, target: string): string {
  const stages = readStages(readFileSync(join(project, 'Dockerfile'), 'utf8'));
  const rootOf = (name: string) => join(target, name || 'image');
  for (const [index, stage] of stages.entries()) {
    runStage(stage, { project, rootOf, isLast: index === stages.length - 1 });
  }
  return rootOf(stages.at(-1)?.name ?? '');
}

interface Place {
  project: string;
  rootOf(stage: string): string;
  isLast: boolean;
}

function runStage({ name, steps }: Stage, { project, rootOf, isLast }: Place): void {
  const root = rootOf(name);
  let folder = root;
  const inStage = (path: string) => (path.startsWith('/') ? join(root, path) : resolve(folder, path));
  for (const { verb, text } of steps) {
    if (verb === 'WORKDIR') {
      folder = inStage(text);
      mkdirSync(folder, { recursive: true });
    } else if (verb === 'COPY') {
      const { from, sources, target } = readCopy(text);
      const files = from === undefined ? sources.flatMap((source) => contextFiles(project, source)) : sources;
      const origin = from === undefined ? project : rootOf(from);
      for (const file of files) {
        const isInto = target.endsWith('/') || target === '.';
        cpSync(join(origin, file), isInto ? join(inStage(target), file) : inStage(target), {
          recursive: true,
          verbatimSymlinks: true,
        });
      }
    } else if (verb === 'RUN' && !isLast) {
      const env = {
        ...process.env,
        TARGETARCH: ARCHITECTURES[process.arch],
        npm_config_prefer_offline: 'true',
      };
      execFileSync('sh', ['-ec', text], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
    }
  }
}

/** Files of the build context that a source names: `.` is all of .dockerignore's exceptions, for it ignores the rest. */
function contextFiles(project: string, source: string): string[] {
  const [all, ...exceptions] = readFileSync(join(project, '.dockerignore'), 'utf8').trim().split('\n');
  const allowed = exceptions.map((line) => line.replace(/^!/, ''));
  if (all !== '*') throw new Error('.dockerignore no longer begins with *, which this script relies on.');
  const files = source === '.' ? allowed : [source];
  const missing = files.find((file) => !allowed.includes(file) || !existsSync(join(project, file)));
  if (missing) throw new Error(`The Dockerfile copies ${missing}, which .dockerignore hides, or is missing.`);
  return files;
}
