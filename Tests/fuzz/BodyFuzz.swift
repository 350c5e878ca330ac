//  Feeds arbitrary bytes to what reads a body: envelopes, forms, parts, base64 and files.
//
//  Built by ./run in one module with the sources of the gateway that it needs. The first byte chooses the media type.

import HTTPMessage
import HTTPTypes

private let mediaTypes = [
    "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
    "multipart/mixed; boundary=\"--\"", "application/base64", "image/png",
]

/// Reads files and keeps nothing.
private struct Nowhere: FileArchive {
    func store(
        for account: String?,
        length: Int?,
        _ next: () throws(APIError) -> [UInt8]?
    ) throws(APIError) -> String {
        while try next() != nil {}
        return ""
    }
}

/// Promises: reading ends and traps nowhere; a body is read or refused with a reason; a file's name is one component
/// without control characters; a file's type is a type.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBody(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    var parameters = CGIParameters()
    let type = mediaTypes[Int(choice & 0x7F) % mediaTypes.count]
    parameters.append(name: "CONTENT_TYPE".utf8, value: type.utf8)
    if choice > 0x7F { parameters.append(name: "HTTP_CONTENT_TRANSFER_ENCODING".utf8, value: "base64".utf8) }
    let body = BytesBody(Array(input.dropFirst()))
    let request = Request(method: .put, target: [], parameters: parameters, body: body)
    do {
        let body = try IncomingBody(request, limit: RequestEnvelope.limit)
        _ = try body.readEnvelope()
        let most = FileAllowance(bytes: RequestEnvelope.limit, for: nil, else: .diskFull)
        let types = ["application/*", "audio/*", "image/*", "text/*"]
        if let file = try body.receive(types, allowance: { () throws(APIError) in most }, into: Nowhere())?.file {
            precondition(file.label.mediaType.split(separator: "/").count == 2, "a media type that is none")
            let name = file.label.name ?? "x"
            precondition(!name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255, "no name of a file")
            precondition(!name.utf8.contains { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C }, "an unsafe name of a file")
        }
    } catch {
        precondition(
            [400, 415].contains(error.status.code) && !error.data.text().isEmpty,
            "a refusal without a reason"
        )
    }
    return 0
}
