import { type TestEvent, tap } from 'node:test/reporters';

type TestFail = Extract<TestEvent, { type: 'test:fail' }>['data'];

/** Lines of an error that are repeated. */
const ERROR_LINES = 20;

/** TAP, and before node's summary once more each test that failed. So a log of which only the end is kept still says what failed, and why. */
export async function* failedAtEnd(source: AsyncGenerator<TestEvent, void>): AsyncGenerator<string, void> {
  yield* tap(repeatFailures(source));
}

/** Events as they come, and a comment for each failure before the summary, which is a row of diagnostics of the whole run. */
async function* repeatFailures(source: AsyncGenerator<TestEvent, void>): AsyncGenerator<TestEvent, void> {
  const failures: TestFail[] = [];
  for await (const event of source) {
    if (event.type === 'test:fail' && !isOfItsTests(event.data)) failures.push(event.data);
    if (event.type === 'test:diagnostic' && event.data.nesting === 0) {
      for (const message of failures.splice(0).flatMap(describeFailure)) {
        yield { type: 'test:diagnostic', data: { ...event.data, message } };
      }
    }
    yield event;
  }
}

/** True for a suite that failed because one of its tests did, which has its own event. */
function isOfItsTests({ details }: TestFail): boolean {
  return 'failureType' in details.error && details.error.failureType === 'subtestsFailed';
}

/** One line each, since TAP escapes the breaks of lines. */
function describeFailure({ name, file, line, details }: TestFail): string[] {
  const error = details.error.cause ?? details.error;
  const text = String(error instanceof Error ? error.stack : error);
  return [`failed: ${name} (${file}:${line})`, ...text.split('\n', ERROR_LINES).map((part) => `  ${part}`)];
}
