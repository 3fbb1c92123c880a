/** Parts that `npm test` makes once for all test files. A file that is run alone finds none of them, and makes its own. */
export const shared = {
  /** Address of Temporal's dev server, on which each suite has a namespace. */
  temporal: process.env.COUNTERSIGN_TEST_TEMPORAL,
  /** Folder of bundled workflows. */
  bundles: process.env.COUNTERSIGN_TEST_BUNDLES,
  /** True when `dist` was built from these sources. Processes start from it in a fraction of the time. */
  isBuilt: process.env.COUNTERSIGN_TEST_BUILT === 'yes',
};
