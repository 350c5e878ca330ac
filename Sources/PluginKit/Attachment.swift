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
    /// is not there.
    ///
    /// - Parameters:
    ///   - id: the document that is to have the file; nil if it is to be made.
    ///   - limit: bytes that such a file may have.
    /// - Throws: `.badIdentifier`, `.preconditionFailed`.
    package func fileAllowance(for id: DocumentID?, atMost limit: Int) throws(APIError) -> FileAllowance {
        if let id { _ = try find(id) } else { try requireParents() }
        let limit = min(limit, kit.fileLimits.body)
        return FileAllowance(
            bytes: limit,
            for: scope == .system ? nil : scope.text,
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
}

/// The store as the place for files that arrive.
///
/// What was replaced or deleted, or came with a request that was refused, counts for an account until it is removed; so
/// do files that are on their way.
struct StoredFiles: FileArchive {
    let store: any AttachmentStore
    /// How many bytes the files of one account may have together.
    let quota: Int
    private let room = FileRoom()

    /// How much is set aside at a time for a file of unknown length.
    private static let step = 1 << 20

    init(store: any AttachmentStore, quota: Int) {
        self.store = store
        self.quota = quota
    }

    func store(
        for account: String?,
        length: Int?,
        _ next: () throws(APIError) -> [UInt8]?
    ) throws(APIError) -> String {
        let scope = Scope(text: account ?? "")
        var received = 0
        var aside = 0
        defer { if aside > 0 { room.release(aside, in: scope) } }
        if let length, length > 0 { aside = try reserve(length...length, in: scope) }
        var refusal: APIError?
        do {
            let digest = try store.storeAttachment { () throws(StoreError) in
                do throws(APIError) {
                    let piece = try next()
                    received += piece?.count ?? 0
                    let missing = received - aside
                    if missing > 0 { aside += try reserve(missing...max(missing, Self.step), in: scope) }
                    return piece
                } catch {
                    refusal = error
                    throw .io(operation: "receive a file", reason: "The request was refused.")
                }
            }
            let entered = aside
            aside = 0
            try room.enter(entered, in: scope) { () throws(StoreError) in
                try store.holdAttachment(digest, for: scope)
            }
            return digest.text
        } catch {
            throw refusal ?? APIError(error)
        }
    }

    private func reserve(_ count: ClosedRange<Int>, in scope: Scope) throws(APIError) -> Int {
        let answer = try room.reserve(count, in: scope, quota: quota) { () throws(APIError) in
            do throws(StoreError) {
                return try store.attachmentBytes(of: scope)
            } catch {
                throw APIError(error)
            }
        }
        switch answer {
        case .granted(let bytes): return bytes
        case .refused(let used):
            throw .invalid(
                "file",
                rule: "quota",
                """
                The account's files have \(used) bytes, those among them that are on their way, or were replaced or \
                deleted of late, and may have \(quota) together
                """,
                ["target": .number(JSONNumber(quota)), "value": .number(JSONNumber(used))]
            )
        }
    }
}
