import { expect, test } from 'vitest';
import { type RequestToSign, signAws } from './sign-aws.ts';

// The key, time and cases of AWS's own test suite (aws-sig-v4-test-suite), with the signatures that it publishes.
const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const scope = { region: 'us-east-1', service: 'service', nowMs: Date.UTC(2015, 7, 30, 12, 36, 0) };

function request(path: string, more: Partial<RequestToSign> = {}): RequestToSign {
  return { method: 'GET', host: 'example.amazonaws.com', path, headers: {}, body: new Uint8Array(), ...more };
}

test.each<[name: string, request: RequestToSign, signedHeaders: string, signature: string]>([
  ['get-vanilla', request('/'), 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-unreserved',
    request('/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'),
    'host;x-amz-date',
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-slashes',
    request('//example//'),
    'host;x-amz-date',
    '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  ],
  [
    'get-vanilla-query-order-key-case',
    request('/?Param2=value2&Param1=value1'),
    'host;x-amz-date',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-order-value',
    request('/?Param1=value2&Param1=value1'),
    'host;x-amz-date',
    '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  ],
  [
    'get-vanilla-utf8-query',
    request('/?%E1%88%B4=bar'),
    'host;x-amz-date',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'get-header-value-trim',
    request('/', { headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' } }),
    'host;my-header1;my-header2;x-amz-date',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'post-x-www-form-urlencoded',
    request('/', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from('Param1=value1'),
    }),
    'content-type;host;x-amz-date',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
])('signs as AWS publishes it: %s', (_, asked, signedHeaders, signature) => {
  expect(signAws(asked, key, scope)).toEqual({
    'x-amz-date': '20150830T123600Z',
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  });
});

test('the token of temporary credentials travels and is signed', () => {
  const sessionToken = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267';
  const signed = signAws(request('/'), { ...key, sessionToken }, scope);
  expect(signed['x-amz-security-token']).toBe(sessionToken);
  expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,');
  expect(signed['authorization']).toContain(
    'Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  );
});

test('a model name that is encoded in the path is encoded once more in what is signed', () => {
  const signatureOf = (path: string) => signAws(request(path), key, scope)['authorization'];
  expect(signatureOf('/model/a%3A0/converse')).not.toBe(signatureOf('/model/a:0/converse'));
});
