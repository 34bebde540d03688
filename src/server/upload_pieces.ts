import type { CallScope } from "../calls/call_scope.ts";
import { TinctError } from "../errors.ts";
import type { UploadPiecesRequest__Output } from "../protocol/generated/tinct/v1/upload_pieces_request.ts";
import type { UploadPiecesResponse } from "../protocol/generated/tinct/v1/upload_pieces_response.ts";
import type { ServerContext } from "./context.ts";
import { alone, misplaced, openUpload, type Upload, type Uploads } from "./upload_dataset.ts";

/** One call of UploadPieces. */
export async function receivePieces(
  context: ServerContext,
  uploads: Uploads,
  { dataset: name, pieces, offset, finish }: UploadPiecesRequest__Output,
  scope: CallScope,
): Promise<UploadPiecesResponse> {
  return await alone(context, uploads, name, scope, async (lease) => {
    await using owner = new AsyncDisposableStack();
    const kept = await uploads.kept.take(name, lease);
    const upload = owner.use(kept ?? await openUpload(context, uploads, name, scope));
    upload.goOn(scope);
    const [first] = pieces;
    try {
      if (first && first.fileName === "") requirePlace(upload, offset);
    } catch (error) {
      uploads.kept.keep(name, upload, { lease, stopping: scope.finishing }); // its file is as good as before
      owner.move();
      throw error;
    }
    if (first?.fileName) await upload.startOver();
    for (const [index, piece] of pieces.entries()) {
      lease.requireHeld();
      await upload.take(piece, `pieces[${index}]`);
    }
    if (finish) {
      upload.requireWhole("finish");
      return { ...upload.counts(), ...await upload.finish(lease) };
    }
    const { fileName = "", sizeBytes: receivedBytes = 0 } = upload.arriving ?? {};
    const answer = {
      ...upload.counts(),
      dataset: await upload.describe(),
      fileName,
      receivedBytes,
    };
    // Also one without a file on its way: it knows what is there, which takes time to find out.
    uploads.kept.keep(name, upload, { lease, stopping: scope.finishing });
    owner.move();
    return answer;
  });
}

/** Refuses pieces that do not go on where the file ends so far. */
function requirePlace(upload: Upload, offset: number): void {
  const { arriving } = upload;
  if (arriving === undefined) {
    throw misplaced(
      "No file goes on here: the first piece must name one, from its beginning",
      "pieces",
    );
  }
  if (upload.isPassingOver || offset === arriving.sizeBytes) return;
  throw new TinctError(
    "failed_precondition",
    `The file ${
      JSON.stringify(arriving.fileName.slice(0, 100))
    } goes on at ${arriving.sizeBytes} ` +
      `bytes, not at ${offset}; send it from there, or begin it anew.`,
    { kind: "OFFSET" },
  );
}
