import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEndpoint, parseHostPort } from '../src/endpoint/endpoint-url.ts';
import { UsageError } from '../src/failure.ts';

describe('parseEndpoint', () => {
  it.each([
    ['imaps://alice@mail.example.org', { security: 'tls', user: 'alice', host: 'mail.example.org', port: 993 }],
    ['imap://alice@mail.example.org', { security: 'starttls', user: 'alice', host: 'mail.example.org', port: 143 }],
    ['imap://alice@127.0.0.1:1143/', { security: 'starttls', host: '127.0.0.1', port: 1143 }],
    ['imaps://alice@mail.example.org:443', { port: 443 }],
    ['imaps://alice@example.org@mail.example.org', { user: 'alice@example.org', host: 'mail.example.org' }],
    ['imaps://alice%40example.org@[::1]:1993', { user: 'alice@example.org', host: '::1', port: 1993 }],
  ])('reads %s', (text, expected) => {
    expect(parseEndpoint(text)).toMatchObject({ type: 'imap', ...expected });
  });

  it.each([
    ['pop3s://alice@mail.example.org', { security: 'tls', user: 'alice', host: 'mail.example.org', port: 995 }],
    ['pop3://alice@mail.example.org', { security: 'stls', host: 'mail.example.org', port: 110 }],
    ['pop3s://alice%40example.org@[::1]:1995/', { user: 'alice@example.org', host: '::1', port: 1995 }],
  ])('reads %s', (text, expected) => {
    expect(parseEndpoint(text)).toMatchObject({ type: 'pop3', ...expected });
  });

  it.each([
    ['memory:', { type: 'memory' }],
    ['maildir:Mail', { type: 'maildir', path: 'Mail' }],
    ['maildir:/var/mail/alice', { type: 'maildir', path: '/var/mail/alice' }],
    ['maildir:Mail of ours/Ä', { type: 'maildir', path: 'Mail of ours/Ä' }],
    ['maildir:~/Mail', { type: 'maildir', path: join(homedir(), 'Mail') }],
    ['maildir:~alice', { type: 'maildir', path: '~alice' }],
    ['maildir:///var/mail/alice', { type: 'maildir', path: '/var/mail/alice' }],
    ['maildir:///var/a%20b?layout=fs', { type: 'maildir', path: '/var/a b', options: { layout: 'fs' } }],
  ])('reads %s', (text, expected) => {
    expect(parseEndpoint(text)).toEqual(expected);
  });

  it.each([
    '',
    'maildir:',
    'maildir:x?layout',
    'maildir:///100%',
    'memory:x',
    'alice@example.org',
    'pop3://b',
    'pop4://a@b',
    'pop3s://a@b/INBOX',
    'imap://',
    'imap://example.org',
    'imap://a@b/INBOX',
    'imap://a@b:99999',
  ])('refuses %j', (text) => {
    expect(() => parseEndpoint(text)).toThrow(UsageError);
  });

  it('refuses a password, and does not repeat it', () => {
    const attempt = () => parseEndpoint('imap://alice:hunter2@example.org');
    expect(attempt).toThrow(/POSTHORN_PASSWORD/);
    expect(attempt).not.toThrow(/hunter2/);
    expect(() => parseEndpoint('ftp://alice:hunter2@example.org')).not.toThrow(/hunter2/);
  });

  it.each([
    'imap://alice:hun/ter2@example.org',
    'imap://alice:12#ter2@example.org',
    'imap://alice:hun@ter2@example.org/',
    'imap://alice:1/ter2@example.org',
    'pop3://alice:hun@ter2@example.org',
    'alice:hunter2@example.org',
    'alice:h:u@ter2@example.org',
  ])('does not repeat what may be the password in %s', (text) => {
    expect(() => parseEndpoint(text)).toThrow(UsageError);
    expect(() => parseEndpoint(text)).not.toThrow(/ter2|12/);
  });

  it('repeats the rest', () => {
    expect(() => parseEndpoint('imap://alice@example.org/INBOX')).toThrow('imap://alice@example.org/INBOX');
    expect(() => parseEndpoint('imap://100%@example.org')).toThrow(/imap:\/\/100%@example\.org.*%25/);
  });
});

describe('parseHostPort', () => {
  it('reads names, addresses and port 0', () => {
    expect(parseHostPort('127.0.0.1:0', '--imap')).toEqual({ host: '127.0.0.1', port: 0 });
    expect(parseHostPort('[::1]:993', '--imap')).toEqual({ host: '::1', port: 993 });
  });

  it.each(['', '143', 'host', 'host:', ':143', 'host:65536', '::1:143', 'host:1x'])(
    'refuses %j, naming the option',
    (text) => {
      expect(() => parseHostPort(text, '--imap')).toThrow(/--imap/);
    },
  );
});
