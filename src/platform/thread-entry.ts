/**
 * Module that a worker thread begins with. From sources, as tests run, a thread needs the loader of TypeScript first: on Node 20 it has none
 * of its own.
 *
 * @param module URL of the module as it is built (`….js`).
 */
export function threadEntry(module: URL): URL {
  if (!import.meta.url.endsWith('.ts')) return module;
  const file = module.href.replace(/\.js$/, '.ts');
  const code = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register(); await import('${file}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
