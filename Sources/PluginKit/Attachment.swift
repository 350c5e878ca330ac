//  A file that belongs to a document, as the document remembers it.

import DocumentStore
import Gateway
import JSON

/// A file of a document. Its bytes lie in the store, under their digest.
package struct Attachment: Equatable, Sendable {
    package let digest: AttachmentDigest
    package let mediaType: String
    /// In bytes.
    package let length: Int
    /// The name that its client gave it, if it gave one.
    package let name: String?

    init(_ file: UploadedFile, stored digest: AttachmentDigest) {
        self.digest = digest
        mediaType = file.mediaType
        length = file.content.count
        name = file.name
    }

    init?(_ json: JSON?) {
        guard let digest = json?["digest"]?.string.flatMap(AttachmentDigest.init(_:)),
            let mediaType = json?["media_type"]?.string, let length = json?["length"]?.int
        else { return nil }
        self.digest = digest
        self.mediaType = mediaType
        self.length = length
        name = json?["name"]?.string
    }

    var json: JSON {
        var members: JSONObject = [
            "digest": .string(digest.text), "media_type": .string(mediaType), "length": .number(JSONNumber(length)),
        ]
        if let name { members["name"] = .string(name) }
        return .object(members)
    }
}

extension Document {
    /// The file under a name, or nil.
    package func attachment(_ name: String) -> Attachment? { Attachment(attachments[name]) }

    /// Gives a copy the files of the document that it was made from.
    package mutating func takeAttachments(of other: Document) { attachments = other.attachments }

    /// Gives the document another file under a name, or takes it away.
    mutating func attach(_ attachment: Attachment?, as name: String) { attachments[name] = attachment?.json }

    /// What the store must keep for the document.
    var attachmentDigests: [AttachmentDigest] { attachments.compactMap { Attachment($0.value)?.digest } }
}

extension BoundService {
    /// Returns a file of a document.
    ///
    /// - Throws: `.badIdentifier` for the document if it does not exist, else for the file.
    package func file(_ name: String, of id: DocumentID) throws(APIError) -> Reply {
        let document = try find(id)
        guard let attachment = document.attachment(name) else { throw .badIdentifier(name) }
        var reply = Reply(
            .file(
                StoredFile(
                    path: attachment.digest.path,
                    mediaType: attachment.mediaType,
                    name: attachment.name ?? name
                )
            )
        )
        reply.entityTag = attachment.digest.text
        return reply
    }

    /// Gives a document another file under a name, or takes it away: an edit of the document like any other.
    ///
    /// - Parameter describe: writes into the document's fields what they say of the file.
    /// - Throws: `.badIdentifier` if there is no file to take away; `.validation`, `.preconditionFailed`.
    package func attach(
        _ file: UploadedFile?,
        as name: String,
        to id: DocumentID,
        describing describe: (Attachment?, inout JSONObject) -> Void
    ) throws(APIError) -> Published {
        // Before the bytes are stored, so that nobody fills the disk for a document that is not there.
        let known = try find(id)
        guard file != nil || known.attachment(name) != nil else { throw .badIdentifier(name) }
        let attachment = try file.map { file throws(APIError) in
            Attachment(file, stored: try kit.store(file.content))
        }
        return try transact(id) { work throws(APIError) in
            let old = try work.find(id)
            var new = old
            new.attach(attachment, as: name)
            describe(attachment, &new.fields)
            return try work.save(Change(old: old, new: new))
        }
    }
}

extension Kit {
    /// Puts bytes on disk, before any document names them.
    fileprivate func store(_ bytes: [UInt8]) throws(APIError) -> AttachmentDigest {
        do {
            return try store.storeAttachment(bytes)
        } catch {
            throw APIError(error)
        }
    }
}
