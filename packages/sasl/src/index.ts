/**
 * SASL mechanisms as pure state machines, client and server halves.
 * @module
 */
export { type AnonymousServerOptions, anonymous, anonymousServer } from './anonymous.ts';
export { type CandidateMechanism, type ChooseMechanismOptions, chooseMechanism } from './choose-mechanism.ts';
export { type CramMd5ServerOptions, cramMd5, cramMd5Server } from './cram-md5.ts';
export type {
  AnonymousCredentials,
  Credentials,
  ExternalCredentials,
  PasswordCredentials,
  TokenCredentials,
} from './credentials.ts';
export { external, externalServer } from './external.ts';
export { login, loginServer } from './login.ts';
export type { ClientMechanism, ServerMechanism, ServerStep } from './mechanism.ts';
export { oauthBearer, oauthBearerServer, xoauth2, xoauth2Server } from './oauth.ts';
export { plain, plainServer } from './plain.ts';
export { prepareText } from './prepare-text.ts';
export { type ScramOptions, scram } from './scram-client.ts';
export { type DeriveScramKeysOptions, deriveScramKeys } from './scram-keys.ts';
export { type ScramServerOptions, scramServer } from './scram-server.ts';
export { offeredMechanisms, type ServerMechanismOptions, serverMechanism } from './server-mechanism.ts';
