/** A request body of a media type that the framework does not parse: the bytes as they came. */
export class RawBody {
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>

  constructor(mediaType: string, bytes: Uint8Array<ArrayBuffer>) {
    this.mediaType = mediaType
    this.bytes = bytes
  }
}
