// node node-vault.js ACTIVE STANDBY: the ordinary flow of node-vault, from nothing to a step-down.
const assert = require('node:assert/strict');
const connect = require('node-vault');

const [active, standby] = process.argv.slice(2);
const at = (endpoint, token) => connect({ apiVersion: 'v1', endpoint, token });

async function until(what, condition) {
  for (const end = Date.now() + 20_000; !(await condition());) {
    assert(Date.now() < end, `not within 20 s: ${what}`);
    await new Promise(done => setTimeout(done, 20));
  }
}

async function flow(vault) {
  assert.equal((await vault.status()).sealed, false);
  assert.ok((await vault.mounts()).data['secret/']);
  await vault.write('secret/node/a', { k: 'v', n: 3 });
  assert.deepEqual((await vault.read('secret/node/a')).data, { k: 'v', n: 3 });
  assert.deepEqual((await vault.list('secret/node')).data.keys, ['a']);
  await vault.delete('secret/node/a');
  await assert.rejects(vault.read('secret/node/a'), error => error.response.statusCode === 404);
  assert.equal((await vault.tokenLookupSelf()).data.policies[0], 'root');
}

async function main() {
  const first = at(active);
  assert.equal((await first.initialized()).initialized, false);
  const { keys, root_token: token } = await first.init({ secret_shares: 1, secret_threshold: 1 });
  assert.equal((await first.unseal({ key: keys[0] })).sealed, false);
  await until('it is active', async () => (await first.leader()).is_self);
  await at(standby).unseal({ key: keys[0] });
  await until('the standby knows it', async () => (await at(standby).leader()).leader_address === active);
  assert.equal((await first.health()).standby, false);
  await flow(at(active, token));
  console.log('at the active: fine');
  await flow(at(standby, token));
  console.log('at the standby: fine');
  await at(standby, token).stepDown();
  await until('the standby is active', async () => (await at(standby).leader()).is_self);
  await at(active, token).write('secret/node/b', { k: 'w' });
  console.log('step-down: fine');
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
