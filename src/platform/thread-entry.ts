/**
 * Entry module of a worker thread. Tests run from sources, where the thread must first load the TypeScript loader: Node 20 has none.
 *
 * @param module URL of the built module (`….js`).
 */
export function threadEntry(module: URL): URL {
  if (!import.meta.url.endsWith('.ts')) return module;
  const file = module.href.replace(/\.js$/, '.ts');
  const code = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register(); await import('${file}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
