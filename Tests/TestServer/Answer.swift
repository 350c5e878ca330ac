//  An answer of the server as a client reads it.

import Foundation
import HTTPMessage
import PluginKit

/// An answer as a client reads it.
package struct Answer {
    package let status: Int
    package let fields: HTTPFields
    package let bytes: [UInt8]
    package let json: JSON

    package init(_ response: Response) throws {
        status = response.status.code
        fields = response.fields
        switch response.body {
        case .bytes(let bytes): self.bytes = bytes
        case .stream(let produce):
            var bytes: [UInt8] = []
            try produce { bytes += $0 }
            self.bytes = bytes
        }
        json = (try? JSON(parsing: bytes)) ?? .null
    }

    package var data: JSON { json["data"] ?? .null }
    package var rows: [JSON] { data.array ?? [] }
    package var revision: String? { json["revision"]?.string }
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The id of the document in it.
    package var id: String {
        get throws { try (data["id"]?.string).orSurprise("\(json)") }
    }
}
