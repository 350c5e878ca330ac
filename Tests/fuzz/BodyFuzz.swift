//  Feeds arbitrary bytes to what reads a body: envelopes, forms, parts, base64 and files.
//
//  Built by ./run in one module with the sources of the gateway that it needs. The first byte chooses the media type.

import HTTPMessage
import HTTPTypes

private let mediaTypes = [
    "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
    "multipart/mixed; boundary=\"--\"", "application/base64", "image/png",
]

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
    var request = Request(method: .put, target: [], parameters: parameters, body: body)
    do {
        let envelope = try RequestEnvelope(of: &request)
        for file in envelope.files {
            precondition(file.mediaType.split(separator: "/").count == 2, "a media type that is none")
            let name = file.name ?? "x"
            precondition(!name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255, "no name of a file")
            precondition(!name.utf8.contains { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C }, "an unsafe name of a file")
        }
    } catch {
        precondition(error.status.code == 400 && !error.data.text().isEmpty, "a refusal without a reason")
    }
    return 0
}
