/** An instruction of a Dockerfile, with its continued lines joined. */
export interface Instruction {
  /** In capitals, such as `RUN`. */
  verb: string;
  text: string;
}

/** A stage of a Dockerfile. */
export interface Stage {
  /** Name after `AS`; the last stage may have none. */
  name: string;
  /** Image that the stage begins with, with variables as written. */
  image: string;
  steps: Instruction[];
}

/** Reads a Dockerfile's stages. It knows what ours uses: comments, continued lines, and no here-documents. */
export function readStages(source: string): Stage[] {
  const lines = source.split('\n').filter((line) => !/^\s*#/.test(line));
  const stages: Stage[] = [];
  for (const line of lines.join('\n').replaceAll(/\\\n/g, '').split('\n')) {
    const [, verb = '', text = ''] = /^([A-Z]+)\s+(.*\S)\s*$/.exec(line) ?? [];
    const [, image = '', name = ''] = /^(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?$/.exec(text) ?? [];
    if (verb === 'FROM') stages.push({ name, image, steps: [] });
    else if (verb !== '') stages.at(-1)?.steps.push({ verb, text });
  }
  return stages;
}

/** Words of a `COPY`: its sources, its target, and the stage that it copies from. */
export function readCopy(text: string): { from: string | undefined; sources: string[]; target: string } {
  const words = text.split(/\s+/);
  const paths = words.filter((word) => !word.startsWith('--'));
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}
