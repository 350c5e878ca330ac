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

    /// - Throws: `.internalFault` if the file is in no store of ours.
    init(_ file: UploadedFile) throws(APIError) {
        guard let digest = AttachmentDigest(file.digest) else { throw .internalFault("\(file.digest) is no digest") }
        self.digest = digest
        mediaType = file.label.mediaType
        length = file.length
        name = file.label.name
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

/// Writes into a document's fields what they say of its file; nil if it has none any more.
package typealias AttachmentDescription = @Sendable (Attachment?, inout JSONObject) -> Void

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
    /// - Parameter fileName: the name to save it under; by default the one that its client gave it.
    /// - Throws: `.badIdentifier` for the document if it does not exist, else for the file.
    package func file(
        _ name: String,
        of id: DocumentID,
        called fileName: (Document, Attachment) -> String? = { $1.name }
    ) throws(APIError) -> Reply {
        let document = try find(id)
        guard let attachment = document.attachment(name) else { throw .badIdentifier(name) }
        var reply = Reply(
            .file(
                StoredFile(
                    path: attachment.digest.path,
                    mediaType: attachment.mediaType,
                    name: fileName(document, attachment) ?? name
                )
            )
        )
        reply.entityTag = attachment.digest.text
        return reply
    }

    /// Says how large a file of a document may be, before its bytes come: so nobody fills the disk for a document that
    /// is not there, or with more than his account may have.
    ///
    /// What was replaced or deleted, or came with a request that was refused, counts until it is removed. Uploads at one
    /// time do not count for each other until they are done.
    /// - Parameters:
    ///   - id: the document that is to have the file; nil if it is to be made.
    ///   - limit: bytes that such a file may have.
    /// - Throws: `.badIdentifier`, `.preconditionFailed`.
    package func fileAllowance(for id: DocumentID?, atMost limit: Int) throws(APIError) -> FileAllowance {
        if let id { _ = try find(id) } else { try requireParents() }
        let limit = min(limit, kit.fileLimits.body)
        let used = try kit.attachmentBytes(of: scope)
        let left = max(0, kit.fileLimits.account - used)
        let account = scope == .system ? nil : scope.text
        guard left >= limit else {
            return FileAllowance(
                bytes: left,
                for: account,
                else: .invalid(
                    "file",
                    rule: "quota",
                    """
                    The account's files have \(used) bytes, those among them that were replaced or deleted of late, and \
                    may have \(kit.fileLimits.account) together
                    """,
                    ["target": .number(JSONNumber(kit.fileLimits.account)), "value": .number(JSONNumber(used))]
                )
            )
        }
        return FileAllowance(
            bytes: limit,
            for: account,
            else: .invalid(
                "file",
                rule: "maxSize",
                "The file must not be more than \(limit) bytes",
                ["target": .number(JSONNumber(limit))]
            )
        )
    }

    /// Gives a document another file under a name, or takes it away: an edit of the document like any other.
    ///
    /// - Parameter describe: writes into the document's fields what they say of the file.
    /// - Throws: `.badIdentifier` if there is no file to take away; `.validation`, `.preconditionFailed`.
    package func attach(
        _ file: UploadedFile?,
        as name: String,
        to id: DocumentID,
        describing describe: AttachmentDescription = { _, _ in }
    ) throws(APIError) -> Published {
        let attachment = try file.map { file throws(APIError) in try Attachment(file) }
        return try transact(id) { work throws(APIError) in
            let old = try work.find(id)
            guard attachment != nil || old.attachment(name) != nil else { throw .badIdentifier(name) }
            var new = old
            new.attach(attachment, as: name)
            describe(attachment, &new.fields)
            return try work.save(Change(old: old, new: new))
        }
    }
}

extension Call {
    /// The file that the client sent.
    ///
    /// - Throws: `.validation` at `file` if it sent none.
    package func file() throws(APIError) -> UploadedFile {
        guard let file = envelope.file else {
            throw .invalid("file", rule: "required", "Please provide a file")
        }
        return file
    }
}

/// How much room files have.
package struct FileLimits: Equatable, Sendable {
    /// The largest body that may hold a file, in bytes.
    package var body = RequestEnvelope.limit
    /// How many bytes the files of one account may have together, those that are not removed yet among them.
    package var account = 10_000_000_000

    package init() {}
}

extension Kit {
    /// Puts the bytes of a file on disk, before any document names them: for files that no client sent.
    package func storeFile(_ bytes: [UInt8], _ label: FileLabel) throws(APIError) -> UploadedFile {
        do {
            return UploadedFile(label, digest: try store.storeAttachment(bytes).text, length: bytes.count)
        } catch {
            throw APIError(error)
        }
    }

    fileprivate func attachmentBytes(of scope: Scope) throws(APIError) -> Int {
        do {
            return try store.attachmentBytes(of: scope)
        } catch {
            throw APIError(error)
        }
    }
}

/// The store as the place for files that arrive.
struct StoredFiles: FileArchive {
    let store: any AttachmentStore

    func store(for account: String?, _ next: () throws(APIError) -> [UInt8]?) throws(APIError) -> String {
        var refusal: APIError?
        do {
            let digest = try store.storeAttachment { () throws(StoreError) in
                do throws(APIError) {
                    return try next()
                } catch {
                    refusal = error
                    throw .io(operation: "receive a file", reason: "The request was refused.")
                }
            }
            try store.holdAttachment(digest, for: Scope(text: account ?? ""))
            return digest.text
        } catch {
            throw refusal ?? APIError(error)
        }
    }
}
