/**
 * Entry module of a worker thread. Tests run from sources, where the thread must first load the TypeScript loader: Node 20 has none. That takes half a
 * second, so threads use the built modules where the tests' run has built them.
 *
 * @param module URL of the built module (`….js`).
 */
export function threadEntry(module: URL): URL {
  if (!import.meta.url.endsWith('.ts')) return module;
  const root = new URL('../../', import.meta.url);
  if (process.env.COUNTERSIGN_TEST_BUILT === 'yes')
    return new URL(`dist/${module.href.slice(root.href.length)}`, root);
  const file = module.href.replace(/\.js$/, '.ts');
  const code = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register(); await import('${file}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
