import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, hideSecrets } from '../../src/platform/errors.js';

describe('a secret', () => {
  const texts = [
    'the token xoxb-1-SECRET is refused',
    'Received: {"token":"SECRET","team_id":"T1"}',
    String.raw`Received: {\"payload\":{\"token\":\"SECRET\",\"response_url\": \"https:\/\/hooks\/SECRET\"}}`,
    'token=SECRET&team_id=T1&response_url=https%3A%2F%2FSECRET',
    'connect wss://host/SECRET?ticket=1 failed',
    'ECONNREFUSED https://svc:SECRET@host/path',
    'invalid x-api-key sk-ant-api03-SECRET-and-more',
    'Bearer ABSKQmVkcm9ja0FQSUtleSECRET+and/more=',
    'Bearer ya29.a0AfH6SMBSECRET_and-more',
  ];
  for (const text of texts) {
    it(`is in no message and no line of the log: ${text.slice(0, 40)}`, () => {
      assert.doesNotMatch(hideSecrets(text), /SECRET/);
      assert.doesNotMatch(new ConfigError('X', text).message, /SECRET/);
    });
  }

  it('leaves other text as it is', () => {
    const text = 'https://host:8080/a@b ask-me tokens: 5 {"tokens":"7"} http://[::1]:7233 10:30';
    assert.equal(hideSecrets(text), text);
  });
});
