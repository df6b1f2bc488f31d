// Answers for each token of the question whether jose verifies it: one JSON object on standard output.
import { readFileSync } from 'node:fs';
import { importSPKI, jwtVerify } from 'jose';

const question = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const key = await importSPKI(question.key, 'EdDSA');
const answer = {};
for (const [name, token] of Object.entries(question.tokens)) {
  try {
    await jwtVerify(token, key, {
      algorithms: ['EdDSA'],
      issuer: question.issuer,
      audience: question.audience,
      typ: question.type,
      requiredClaims: ['jti', 'exp', 'nbf'],
    });
    answer[name] = 'verified';
  } catch (refused) {
    if (typeof refused.code !== 'string' || !refused.code.startsWith('ERR_J')) {
      throw refused;
    }
    answer[name] = 'refused';
  }
}
console.log(JSON.stringify(answer));
