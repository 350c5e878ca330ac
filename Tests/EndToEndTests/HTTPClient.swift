//  An HTTP client that sends exactly what a test says: any method, any path, any field.

import CCurl
import JSON

/// Sends requests to one address. Every request has a connection of its own, so that threads may share a client.
struct HTTPClient: Sendable {
    /// Scheme and authority, without a slash at the end.
    var address: String

    struct Failure: Error, CustomStringConvertible {
        var code: UInt32
        var description: String
    }

    /// Sends one request and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - target: path and query, sent as they are.
    ///   - timeout: seconds.
    /// - Throws: `Failure` if no complete answer came.
    func send(
        _ method: String,
        _ target: String,
        fields: [String] = [],
        body: [UInt8]? = nil,
        timeout: Int = 60
    ) throws -> Answer {
        precondition(Self.isReady)
        guard let handle = curl_easy_init() else { throw Failure(code: 0, description: "no handle") }
        defer { curl_easy_cleanup(handle) }
        let head = Sink()
        let content = Sink()

        _ = jackfield_setopt_text(handle, CURLOPT_URL, address + target)
        _ = jackfield_setopt_long(handle, CURLOPT_PATH_AS_IS, 1)
        _ = jackfield_setopt_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = jackfield_setopt_long(handle, CURLOPT_TIMEOUT, timeout)
        // The stack under test makes a certificate of its own.
        _ = jackfield_setopt_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
        _ = jackfield_setopt_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
        _ = jackfield_setopt_text(handle, CURLOPT_CUSTOMREQUEST, method)
        if method == "HEAD" { _ = jackfield_setopt_long(handle, CURLOPT_NOBODY, 1) }
        _ = jackfield_setopt_write(handle, CURLOPT_HEADERFUNCTION, take)
        _ = jackfield_setopt_pointer(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(head).toOpaque())
        _ = jackfield_setopt_write(handle, CURLOPT_WRITEFUNCTION, take)
        _ = jackfield_setopt_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(content).toOpaque())
        if var body {
            _ = jackfield_setopt_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
            _ = body.withUnsafeMutableBytes {
                jackfield_setopt_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
            }
        }
        // No field but those of the test; curl would add these.
        let list = (["Expect:", "User-Agent:"] + fields).reduce(nil) { curl_slist_append($0, $1) }
        defer { curl_slist_free_all(list) }
        _ = jackfield_setopt_pointer(handle, CURLOPT_HTTPHEADER, list.map(UnsafeMutableRawPointer.init))

        let result = withExtendedLifetime((head, content)) { curl_easy_perform(handle) }
        guard result == CURLE_OK else {
            throw Failure(code: result.rawValue, description: String(cString: curl_easy_strerror(result)))
        }
        var status = 0
        _ = jackfield_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return Answer(status: status, head: head.bytes, body: content.bytes)
    }

    private static let isReady = curl_global_init(3) == CURLE_OK
}

/// Where libcurl puts what arrives.
private final class Sink {
    var bytes: [UInt8] = []
}

private func take(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ sink: UnsafeMutableRawPointer?)
    -> Int
{
    guard let data, let sink else { return 0 }
    Unmanaged<Sink>.fromOpaque(sink).takeUnretainedValue().bytes
        .append(contentsOf: UnsafeRawBufferPointer(start: data, count: size * count))
    return size * count
}

/// One answer.
struct Answer: Sendable, CustomStringConvertible {
    var status: Int
    /// Names in lower case, in order.
    var fields: [(name: String, value: String)] = []
    var body: [UInt8]

    /// - Parameter head: the field lines, after those of any interim answer.
    init(status: Int, head: [UInt8], body: [UInt8]) {
        self.status = status
        self.body = body
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            if line.hasPrefix("HTTP/") { fields = [] }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields.append((line[..<colon].lowercased(), String(value)))
        }
    }

    /// The only value of a field, or nil.
    subscript(field: String) -> String? {
        let values = fields.filter { $0.name == field }
        return values.count == 1 ? values[0].value : nil
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; null if it is none.
    var json: JSON { (try? JSON(parsing: body)) ?? .null }

    var data: JSON { json["data"] ?? .null }

    /// The rows of a list by their ids.
    var ids: [String] { (data.array ?? []).compactMap { $0["id"]?.string } }

    var description: String { "\(status) \(text.prefix(600))" }
}
