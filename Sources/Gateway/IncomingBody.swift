//  The body of a request while it arrives: first what it says, and its file when it is known who may send one.

import HTTPMessage
import HTTPTypes
import JSON

/// Reads a body in two steps, so that nobody's file is taken before it is known whose it is and where it belongs:
/// ```
/// readEnvelope   everything up to the first byte of a file: in memory, and bounded
/// receive        the file, piece by piece, into the archive; then what follows it
/// ```
/// A body that is no envelope is one file. What is left unread is the carrier's to skip. Lives on one thread.
final class IncomingBody {
    /// The largest body, in bytes, that is read into memory before anybody is known: a document and the words around it.
    static let anonymousLimit = 1 << 20

    /// A file whose bytes come next.
    private struct ExpectedFile {
        let label: FileLabel
        /// How many bytes it has, if that is known.
        let length: Int?
    }

    private var body: any RequestBody
    private let type: FieldValue
    private let limit: Int
    private var bytesTaken = 0
    /// How many bytes may come into memory, and how many did.
    private var memoryLimit: Int
    private var bytesHeld = 0
    /// Decodes the body, if all of it is base64.
    private var bodyDecoder: Base64Decoder?
    /// What was taken from the body and is to be read once more.
    private var pushedBack: [UInt8] = []
    private var parts: MultipartReader?
    /// Decodes a part, if that is base64.
    private var partDecoder: Base64Decoder?
    /// What was read to see what it is the beginning of.
    private var ahead: [UInt8] = []
    private var expected: ExpectedFile?
    private var value: JSON?
    private var fields: [(name: String, value: String?)] = []
    /// What was known before the file.
    private var known = RequestEnvelope.empty

    private static let pieceSize = 65_536
    private static let base64: Set<String> = ["application/base64", "application/x-base64"]

    /// - Parameter limit: the largest body that may hold a file, in bytes.
    /// - Throws: `.validation` at `file` if the body announces more than it may have.
    init(_ request: Request, limit: Int) throws(APIError) {
        body = request.body
        type = FieldValue(String(decoding: request.parameters.bytes("CONTENT_TYPE") ?? [], as: UTF8.self))
        self.limit = Self.envelopes.contains(type.essence) ? RequestEnvelope.limit : limit
        memoryLimit = Self.anonymousLimit
        let encoding = request.parameters.text("HTTP_CONTENT_TRANSFER_ENCODING").map { FieldValue($0).essence }
        if encoding == "base64" || Self.base64.contains(type.essence) { bodyDecoder = Base64Decoder() }
        if let length = body.announcedLength, length > self.limit { throw Self.tooLarge(self.limit) }
    }

    /// The types of bodies that hold no file.
    private static let envelopes: Set<String> = [
        "", "application/json", "application/x-json", "application/x-www-form-urlencoded",
    ]

    /// Whether more may have to come into memory than is read for somebody unknown.
    var isLarge: Bool {
        (body.announcedLength ?? 0) > Self.anonymousLimit
            && (Self.envelopes.contains(type.essence) || type.essence.hasPrefix("multipart/"))
    }

    /// To be called when the sender is known: as much of the body is read into memory as an envelope may have.
    func trustSender() { memoryLimit = RequestEnvelope.limit }

    // MARK: Before the file

    /// Reads what stands before the first file; all, if there is none.
    ///
    /// A form that begins with a bracket is JSON, because curl calls every body a form.
    /// - Throws: `.validation` at `file`, `json` or `data`; `.badRequest`.
    func readEnvelope() throws(APIError) -> RequestEnvelope {
        try lookAhead(1)
        guard !ahead.isEmpty else { return .empty }
        switch type.essence {
        case "", "application/json", "application/x-json": value = try RequestEnvelope.parse(rest())
        case "application/x-www-form-urlencoded":
            let bytes = try rest()
            guard Self.looksLikeJSON(bytes) else { return try RequestEnvelope(form: QueryParameters(bytes[...])) }
            value = try RequestEnvelope.parse(bytes)
        case let essence where essence.hasPrefix("multipart/"):
            parts = try MultipartReader(boundary: type["boundary"] ?? "")
            // What was looked at is the multipart reader's to read.
            (pushedBack, ahead) = (ahead, [])
            try readParts()
        case let essence:
            try lookAhead(FileKind.beginning)
            let own = Self.base64.contains(essence) ? "" : essence
            let length = bodyDecoder == nil ? body.announcedLength : nil
            expected = ExpectedFile(
                label: FileLabel(mediaType: bodyDecoder?.mediaType ?? own),
                length: length
            )
            return .empty
        }
        known = try assembled()
        return known
    }

    /// The envelope that the parts make: one in JSON, or the fields of a form.
    private func assembled() throws(APIError) -> RequestEnvelope {
        guard let value else { return try RequestEnvelope(form: QueryParameters(pairs: fields)) }
        guard fields.isEmpty else {
            throw .badRequest("The data came both as JSON and as the fields of a form; send one of them.")
        }
        return try RequestEnvelope(value: value)
    }

    private static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 != 0x20 && !(0x09...0x0D).contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Reads parts up to the first file.
    ///
    /// A part without a media type is a field if it has a name, unless it looks like JSON and its name is no path into
    /// the data; then it is an envelope, as Crossbar's clients send it.
    private func readParts() throws(APIError) {
        while let head = try parts?.nextHead({ () throws(APIError) in try nextBodyBytes() }) {
            partDecoder = head.transferEncoding == "base64" ? Base64Decoder() : nil
            try lookAhead(FileKind.beginning)
            let (name, fileName) = (head.fieldName, head.fileName)
            let type = partDecoder?.mediaType ?? head.contentType?.essence
            // A file input of a form in which nobody chose a file.
            if fileName == "", ahead.isEmpty { continue }
            let looksLikeJSON = ahead.first == UInt8(ascii: "{") && name?.hasPrefix("data.") != true
            let isJSON = type.map { ["application/json", "application/x-json"].contains($0) } ?? looksLikeJSON
            if fileName == nil, isJSON {
                guard value == nil else { throw .badRequest("Two parts of the body are envelopes; send one.") }
                value = try RequestEnvelope.parse(rest())
            } else if fileName == nil, let name, type == nil || type == "text/plain" {
                fields.append((name, try Self.text(rest(), name)))
            } else {
                expected = ExpectedFile(label: FileLabel(name: fileName, mediaType: type ?? ""), length: nil)
                return
            }
        }
    }

    private static func text(_ content: [UInt8], _ name: String) throws(APIError) -> String {
        guard let text = String(validating: content, as: UTF8.self), !content.contains(0) else {
            throw .badRequest("The field \(name) is not UTF-8 text, or has a NUL in it.")
        }
        return text
    }

    // MARK: The file

    /// Stores the file that comes, if one does, and reads what follows it.
    ///
    /// - Parameters:
    ///   - mediaTypes: of the files that the endpoint takes: `audio/mpeg`, `image/*`.
    ///   - allowance: how large the file may be; asked only if it comes.
    /// - Returns: the whole envelope; nil if no file came, so that it is known already.
    /// - Throws: `.unsupportedMediaType` if the type that the file states, or its first bytes show, is not taken;
    ///   `.validation` at `file`; `.badRequest`.
    func receive(
        _ mediaTypes: [String],
        allowance: () throws(APIError) -> FileAllowance,
        into archive: any FileArchive
    ) throws(APIError) -> RequestEnvelope? {
        var stored: UploadedFile?
        while let file = expected {
            let type = file.label.mediaType
            guard mediaTypes.contains(where: { Self.range($0, contains: type) }),
                FileKind(mediaType: type)?.canBegin(with: ahead) ?? true
            else { throw .unsupportedMediaType(accepted: RequestEnvelope.mediaTypes + mediaTypes) }
            guard stored == nil else {
                throw .invalid("file", rule: "maxItems", "Please provide a single file", ["target": 1])
            }
            expected = nil
            stored = try store(file, allowance(), in: archive)
            if parts != nil { try readParts() }
        }
        guard let stored else { return nil }
        var envelope = parts == nil ? RequestEnvelope.empty : try assembled()
        guard envelope.members == known.members else {
            throw .badRequest("Only the data may follow a file; what else the request says must stand before it.")
        }
        envelope.file = stored
        return envelope
    }

    private static func range(_ range: String, contains mediaType: String) -> Bool {
        range == mediaType || range.hasSuffix("/*") && mediaType.hasPrefix(range.dropLast())
    }

    private func store(
        _ file: ExpectedFile,
        _ allowance: FileAllowance,
        in archive: any FileArchive
    ) throws(APIError) -> UploadedFile {
        if let length = file.length, length > allowance.bytes { throw allowance.refusal }
        var length = 0
        let digest = try archive.store(for: allowance.account, length: file.length) { () throws(APIError) in
            let piece = try nextPiece()
            length += piece?.count ?? 0
            guard length <= allowance.bytes else { throw allowance.refusal }
            return piece
        }
        return UploadedFile(file.label, digest: digest, length: length)
    }

    // MARK: Bytes

    /// Reads until at least `count` bytes of the content are there, or it ends.
    private func lookAhead(_ count: Int) throws(APIError) {
        while ahead.count < count, let piece = try nextContentBytes() { ahead += piece }
    }

    /// What is left of the content.
    private func rest() throws(APIError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try nextPiece() {
            bytesHeld += piece.count
            guard bytesHeld <= memoryLimit else { throw Self.tooLarge(memoryLimit) }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }

    private func nextPiece() throws(APIError) -> [UInt8]? {
        guard ahead.isEmpty else {
            defer { ahead = [] }
            return ahead
        }
        return try nextContentBytes()
    }

    /// The next bytes of the part, or of the body if it has no parts.
    private func nextContentBytes() throws(APIError) -> [UInt8]? {
        guard partDecoder != nil else { return try nextPartBytes() }
        return try partDecoder?.next { () throws(APIError) in try nextPartBytes() }
    }

    private func nextPartBytes() throws(APIError) -> [UInt8]? {
        guard parts != nil else { return try nextBodyBytes() }
        return try parts?.piece { () throws(APIError) in try nextBodyBytes() }
    }

    private func nextBodyBytes() throws(APIError) -> [UInt8]? {
        guard pushedBack.isEmpty else {
            defer { pushedBack = [] }
            return pushedBack
        }
        guard bodyDecoder != nil else { return try nextSentBytes() }
        return try bodyDecoder?.next { () throws(APIError) in try nextSentBytes() }
    }

    /// The next bytes as the client sent them.
    private func nextSentBytes() throws(APIError) -> [UInt8]? {
        do throws(RequestBodyError) {
            let piece = try body.read(upTo: Self.pieceSize)
            bytesTaken += piece.count
            guard bytesTaken <= limit else { throw .tooLarge(limit: limit) }
            return piece.isEmpty ? nil : piece
        } catch .tooLarge {
            throw Self.tooLarge(limit)
        } catch {
            throw .badRequest("The body ended before its announced length.")
        }
    }

    private static func tooLarge(_ limit: Int) -> APIError {
        .invalid(
            "file",
            rule: "maxSize",
            "Payload or Files must not be more than \(limit) bytes",
            ["target": .number(JSONNumber(limit))]
        )
    }
}
