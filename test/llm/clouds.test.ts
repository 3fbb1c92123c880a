import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startBedrock } from '../../sandbox/model/clouds/bedrock.js';
import { startVertex } from '../../sandbox/model/clouds/vertex.js';
import type { SimulatedModel } from '../../sandbox/model/index.js';
import { readVariable } from '../../src/config/environment.js';
import { type ModelVariable, readModelAccess } from '../../src/config/model-access.js';
import { createSecretFiles } from '../../src/config/secrets/secret-files.js';
import { connectModel } from '../../src/llm/connect-model.js';
import { ConfigError, RemoteError } from '../../src/platform/errors.js';
import type { TurnRequest } from '../../src/run/execution/conversation.js';
import { simulatedModelForTests } from '../support/llm/simulated-model.js';
import { plan } from '../support/samples.js';

const goal = 'Draft the release notes for 2.4';
const research = { summary: '', sources: [] };
const turn: TurnRequest = {
  ...{ goal, plan, approval: { by: 'UANA', note: '' }, exchanges: [], tools: [] },
  serverTools: ['web_search', 'code_execution'],
};

const folder = mkdtempSync(join(tmpdir(), 'clouds-'));
after(() => rmSync(folder, { recursive: true }));

/** Connects as the service does with these variables. The SDKs of the clouds read some of them by themselves. */
async function connect(env: Record<string, string>) {
  const mine = /^(AWS|ANTHROPIC|GOOGLE|CLOUD)_|^HOME$/;
  for (const name of Object.keys(process.env)) if (mine.test(name)) delete process.env[name];
  Object.assign(process.env, { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' }, env);
  const read = (name: ModelVariable) => readVariable(process.env, name);
  return await connectModel(readModelAccess(read, createSecretFiles(process.env)));
}

const names = (name: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ConfigError, String(error));
  assert.match(error.message, words);
  return error.code === name;
};

let simulated: SimulatedModel;
simulatedModelForTests((started) => {
  simulated = started;
});
const offered = () => simulated.requests.map(({ body }) => body.tools?.map(({ type }) => type) ?? []);

describe('Claude on Amazon Bedrock', () => {
  const account = {
    ...{ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', region: 'eu-west-1' },
    bearer: 'bedrock-api-key',
  };
  let bedrock: Awaited<ReturnType<typeof startBedrock>>;
  let region: Record<string, string>;
  let signed: Record<string, string>;
  before(async () => {
    bedrock = await startBedrock(simulated, account);
    region = { AWS_REGION: 'eu-west-1', ANTHROPIC_BEDROCK_BASE_URL: bedrock.url };
    const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = account;
    signed = { ...region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  });
  after(() => bedrock.stop());

  it('is used where AWS_REGION is set and no key, with its own name of the model', async () => {
    const { summary, problem } = await (await connect(signed)).check();
    assert.equal(problem, undefined);
    assert.match(
      summary,
      /^model global\.anthropic\.claude-sonnet-5-5 at Amazon Bedrock in eu-west-1, without web_search and code_execution, limits unknown, price unknown/,
    );
  });

  it('plans and takes turns by its event stream, with no tools that Bedrock lacks', async () => {
    const model = await connect(signed);
    const found = await model.searchWeb(goal);
    assert.match(found.research.summary, /^The web was not searched/);
    const { plan: written } = await model.writePlan({ goal, research, tools: [] });
    assert.ok(written.steps.length >= 3);
    const { text, end, usage } = await model.takeTurn(turn);
    assert.match(text, /simulated model/);
    assert.deepEqual([end, usage.costUsd], ['done', undefined]);
    assert.deepEqual(offered(), [[], [], []], 'three requests, none refused');
    const stream = /^\/model\/global\.anthropic\.claude-sonnet-5-5\/invoke-with-response-stream$/;
    for (const { path } of bedrock.requests.slice(-3)) assert.match(path, stream);
  });

  it('takes a Bedrock API key in place of signatures', async () => {
    const { problem } = await (
      await connect({ ...region, AWS_BEARER_TOKEN_BEDROCK: account.bearer })
    ).check();
    assert.equal(problem, undefined);
    const wrong = await connect({ ...region, AWS_BEARER_TOKEN_BEDROCK: 'made-up' });
    await assert.rejects(
      wrong.check(),
      names('AWS_ACCESS_KEY_ID', /refuses \(.*Authentication failed.*AWS_BEARER_TOKEN_BEDROCK/),
    );
  });

  it('says that credentials are wrong, or that there are none', async () => {
    const wrong = await connect({ ...signed, AWS_SECRET_ACCESS_KEY: 'other' });
    await assert.rejects(wrong.check(), names('AWS_ACCESS_KEY_ID', /signature we calculated does not match/));
    const none = await connect(region);
    await assert.rejects(
      none.check(),
      names('AWS_ACCESS_KEY_ID', /^AWS_ACCESS_KEY_ID: no credentials were found/),
    );
  });

  it('names a misspelt model', async () => {
    const model = await connect({ ...signed, ANTHROPIC_MODEL: 'claude-sonnet-5-5' });
    await assert.rejects(
      model.check(),
      names('ANTHROPIC_MODEL', /no model "claude-sonnet-5-5" .*model identifier is invalid/),
    );
  });

  it('tells apart what may pass and what does not, also in the middle of a stream', async () => {
    const model = await connect(signed);
    const cases = [
      [{ kind: 'error', status: 429 }, true],
      [{ kind: 'error', status: 529 }, true],
      [{ kind: 'error', status: 400 }, false],
      [{ kind: 'error-mid-stream' }, true],
    ] as const;
    for (const [fault, retryable] of cases) {
      simulated.faults.inject(fault);
      await assert.rejects(model.takeTurn(turn), (error) => {
        assert.ok(error instanceof RemoteError, String(error));
        return error.retryable === retryable;
      });
    }
  });

  it('is not used beside a key for Claude’s own API, though AWS_REGION is set on every machine of AWS', async () => {
    const { apiKey: ANTHROPIC_API_KEY, url: ANTHROPIC_BASE_URL } = simulated;
    const { summary } = await (await connect({ ...signed, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL })).check();
    assert.match(summary, /^model claude-sonnet-5-5 at 127\.0\.0\.1/);
  });

  it('needs its region', async () => {
    await assert.rejects(
      connect({ AWS_BEARER_TOKEN_BEDROCK: 'key' }),
      names('AWS_REGION', /^AWS_REGION is missing\. /),
    );
  });
});

describe('Claude on Vertex AI', () => {
  const project = { projectId: 'our-project', region: 'europe-west1', accessToken: 'ya29.token' };
  let vertex: Awaited<ReturnType<typeof startVertex>>;
  let env: Record<string, string>;
  before(async () => {
    vertex = await startVertex(simulated, project);
    const [subject, credentials] = [join(folder, 'subject'), join(folder, 'credentials.json')];
    writeFileSync(subject, 'subject-token');
    const external = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/ours',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${vertex.url}/token`,
      credential_source: { file: subject },
    };
    writeFileSync(credentials, JSON.stringify(external));
    env = {
      CLOUD_ML_REGION: project.region,
      ANTHROPIC_VERTEX_PROJECT_ID: project.projectId,
      ANTHROPIC_VERTEX_BASE_URL: `${vertex.url}/v1`,
      GOOGLE_APPLICATION_CREDENTIALS: credentials,
    };
  });
  after(() => vertex.stop());

  it('is used where CLOUD_ML_REGION is set and no key, with Google’s credentials', async () => {
    const { summary, problem } = await (await connect({ ...env, AWS_REGION: 'eu-west-1' })).check();
    assert.equal(problem, undefined);
    assert.match(
      summary,
      /^model claude-sonnet-5-5 at Vertex AI in europe-west1, without code_execution, limits unknown/,
    );
  });

  it('searches by the version that Vertex has, and takes turns without the code execution that it lacks', async () => {
    const model = await connect(env);
    const found = await model.searchWeb(goal);
    assert.ok(found.research.sources.length >= 2);
    const { text } = await model.takeTurn(turn);
    assert.match(text, /simulated model/);
    assert.deepEqual(offered(), [['web_search_20250305'], ['web_search_20250305']], 'nothing refused');
  });

  it('names the model or the project that is wrong', async () => {
    const other = await connect({ ...env, ANTHROPIC_VERTEX_PROJECT_ID: 'other' });
    await assert.rejects(
      other.check(),
      names('GOOGLE_APPLICATION_CREDENTIALS', /Permission denied on resource .*other/),
    );
    const misspelt = await connect({ ...env, ANTHROPIC_MODEL: 'claude-sonet' });
    await assert.rejects(
      misspelt.check(),
      names('ANTHROPIC_MODEL', /no model "claude-sonet" .*was not found/),
    );
  });

  it('looks for credentials again after they could not be found', async () => {
    const missing = join(folder, 'later.json');
    const model = await connect({ ...env, GOOGLE_APPLICATION_CREDENTIALS: missing });
    await assert.rejects(model.check(), names('GOOGLE_APPLICATION_CREDENTIALS', /no credentials were found/));
    copyFileSync(String(env.GOOGLE_APPLICATION_CREDENTIALS), missing);
    assert.equal((await model.check()).problem, undefined);
  });

  it('waits out a spent quota', async () => {
    simulated.faults.inject({ kind: 'error', status: 429 });
    await assert.rejects(
      (await connect(env)).takeTurn(turn),
      (error) => error instanceof RemoteError && error.retryable,
    );
  });
});
