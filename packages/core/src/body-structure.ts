import type { Envelope } from './envelope.ts';

/** Parameters of a Content-Type or Content-Disposition, in order. Names keep their spelling. */
export type BodyParameters = readonly (readonly [name: string, value: string])[];

/** Content-Disposition of a part. @see RFC 2183 */
export interface BodyDisposition {
  readonly type: string;
  readonly parameters: BodyParameters;
}

/** The extension data of a body part. `undefined` where a server sent none (BODY rather than BODYSTRUCTURE). */
export interface BodyExtension {
  readonly disposition?: BodyDisposition | null;
  readonly language?: readonly string[] | null;
  readonly location?: string | null;
}

interface SinglePart extends BodyExtension {
  /** Upper or lower case as sent. */
  readonly mediaType: string;
  readonly mediaSubtype: string;
  readonly parameters: BodyParameters;
  readonly id: string | null;
  readonly description: string | null;
  /** Content-Transfer-Encoding as sent. */
  readonly encoding: string;
  /** Octets of the part in its transfer encoding. */
  readonly size: number;
  readonly md5?: string | null;
}

/** A part that is neither text nor a message. */
export interface BasicBody extends SinglePart {
  readonly type: 'basic';
}

/** A part of type TEXT. */
export interface TextBody extends SinglePart {
  readonly type: 'text';
  readonly lines: number;
}

/** A part of type MESSAGE/RFC822 or MESSAGE/GLOBAL. */
export interface MessageBody extends SinglePart {
  readonly type: 'message';
  readonly envelope: Envelope;
  readonly body: BodyStructure;
  readonly lines: number;
}

/** A part of type MULTIPART. */
export interface MultipartBody extends BodyExtension {
  readonly type: 'multipart';
  readonly mediaSubtype: string;
  readonly parts: readonly BodyStructure[];
  readonly parameters?: BodyParameters;
}

/** The tree of a message's parts. @see RFC 9051 section 7.5.2 */
export type BodyStructure = BasicBody | TextBody | MessageBody | MultipartBody;
