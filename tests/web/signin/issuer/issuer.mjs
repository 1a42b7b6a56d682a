// A certified OpenID provider (oidc-provider) on loopback. Whoever it is told of in the file ACCOUNTS may sign in.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const { ACCOUNTS, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, PORT = '0' } = process.env;

const server = createServer();
await new Promise((resolve) => server.listen(Number(PORT), '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

async function key(alg, kid) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, kid, use: 'sig' };
}

const provider = new Provider(issuer, {
  clients: [
    { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
    {
      client_id: `${CLIENT_ID}-public`,
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
      redirect_uris: [REDIRECT_URI],
    },
  ],
  // Each start signs with new keys under the old names.
  jwks: { keys: [await key('RS256', 'first'), await key('ES256', 'second')] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  pkce: { required: () => true },
  cookies: { keys: ['for tests only'] },
  findAccount(_, id) {
    const found = JSON.parse(readFileSync(ACCOUNTS, 'utf8'))[id];
    return found && { accountId: id, claims: () => ({ sub: id, ...found }) };
  },
});
server.on('request', provider.callback());
console.log(issuer);
