/** Lines that follow the reason of a crash and say nothing: Node.js's and Java's stack, its properties and version, npm's advice. */
const NOISE = [
  /^at /,
  /^\^+$/,
  /^[{}[\]]+;?,?$/,
  /^(code|errno|syscall|path|requireStack|dest|digest): /,
  /^Node\.js v\d/,
  /^\(Use `node --trace/,
  /^npm (ERR!|error|notice|warn)? ?(A complete log|\d{4}-|This is probably not|.*-debug-\d)/,
  /^npm (notice|warn)\b/,
];
const REASON = /\b(\w*Error|\w*Exception|fatal|panic|ERR!)\b|^error\b|\bnpm error\b/i;

/** Finds the line that best says why a program ended: the last one that names an error, or else the last one that says something. */
export function tellingLine(lines: string[]): string {
  const telling = lines.filter((line) => !NOISE.some((pattern) => pattern.test(line)));
  return telling.findLast((line) => REASON.test(line)) ?? telling.at(-1) ?? lines.at(-1) ?? '';
}
