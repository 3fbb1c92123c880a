import { HTTPModuleFunctions, HTTPReceiver, type HTTPReceiverOptions, isRawBodyError } from '@slack/bolt';

const { buildNoBodyResponse, bufferIncomingMessage, defaultBodyLimit, parseHTTPRequestBody } =
  HTTPModuleFunctions;

/**
 * Receives over HTTP. Bolt reads fields of whatever JSON was signed, in a promise that nobody awaits: `null` would end the process. Here such a
 * body gets 400.
 */
export class HttpReceiver extends HTTPReceiver {
  #isListening = false;

  constructor({ logger, ...options }: HTTPReceiverOptions & Required<Pick<HTTPReceiverOptions, 'logger'>>) {
    super({ logger, ...options, unhandledRequestHandler });
    const receive = this.requestListener;
    this.requestListener = async (request, response) => {
      try {
        const buffered = await bufferIncomingMessage(request, defaultBodyLimit);
        if (hasFields(buffered)) receive(buffered, response);
        else buildNoBodyResponse(response, 400);
      } catch (error) {
        if (isRawBodyError(error)) buildNoBodyResponse(response, error.statusCode ?? 400);
        else
          HTTPModuleFunctions.defaultDispatchErrorHandler({
            error: error as never,
            logger,
            request,
            response,
          });
      }
    };
  }

  override start: HTTPReceiver['start'] = async (...args: Parameters<HTTPReceiver['start']>) => {
    const server = await super.start(...args);
    this.#isListening = true;
    return server as never;
  };

  override async stop(): Promise<void> {
    this.#isListening = false;
    await super.stop();
  }

  isConnected(): boolean {
    return this.#isListening;
  }
}

/** Answers as Bolt does what was not acknowledged in three seconds, so Slack redelivers an event. The work goes on, so it is no error. */
const unhandledRequestHandler: NonNullable<HTTPReceiverOptions['unhandledRequestHandler']> = ({
  logger,
  response,
}) => {
  logger.warn('A request of Slack was not acknowledged within three seconds');
  if (!response.headersSent) buildNoBodyResponse(response, 404);
};

/** False for a body whose JSON is `null`. Bolt answers all other bodies itself. */
function hasFields(request: Parameters<typeof parseHTTPRequestBody>[0]): boolean {
  try {
    return parseHTTPRequestBody(request) !== null;
  } catch {
    return true;
  }
}
