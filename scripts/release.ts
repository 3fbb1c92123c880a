import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

// For the release workflow: `tsx scripts/release.ts check|notes v1.2.3`.

/** Texts that name a release's version. */
export interface ReleaseFiles {
  packageJson: string;
  chart: string;
  changelog: string;
}

/** Says where the files of a release don't fit its tag. */
export function findReleaseProblems(tag: string, files: ReleaseFiles): string[] {
  const version = tag.replace(/^v/, '');
  const own = JSON.parse(files.packageJson) as { version: string };
  const chart = parse(files.chart) as { version: string; appVersion: string };
  return [
    own.version !== version && `package.json has version ${own.version}, not ${version}.`,
    (chart.version !== version || chart.appVersion !== version) &&
      `deploy/helm/countersign/Chart.yaml has version ${chart.version} and appVersion ${chart.appVersion}, not ${version}.`,
    releaseNotes(version, files.changelog) === undefined &&
      `CHANGELOG.md has no heading "## [${version}] - <date>" with text under it.`,
  ].filter((problem) => typeof problem === 'string');
}

/** Returns the changelog's text of a version, without its heading. */
export function releaseNotes(version: string, changelog: string): string | undefined {
  const parts = changelog.split(/^## /m);
  const part = parts.find(
    (text) => /^\[(.*?)\] - \d{4}-\d\d-\d\d$/m.exec(text.split('\n')[0] ?? '')?.[1] === version,
  );
  return part?.split('\n').slice(1).join('\n').trim() || undefined;
}

const [, script, verb, tag = ''] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const changelog = read('CHANGELOG.md');
  if (verb === 'notes') console.log(releaseNotes(tag.replace(/^v/, ''), changelog) ?? '');
  else {
    const files = {
      packageJson: read('package.json'),
      chart: read('deploy/helm/countersign/Chart.yaml'),
      changelog,
    };
    const problems = findReleaseProblems(tag, files);
    for (const problem of problems) console.error(problem);
    process.exitCode = problems.length > 0 ? 1 : 0;
  }
}
