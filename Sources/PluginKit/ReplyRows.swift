//  The rows of an answer as values, for resources that give a list another form.

import Gateway
import JSON

extension Reply.Content {
    /// Calls `body` with each row in order; what is no list has none.
    ///
    /// - Throws: `.internalFault` if the store fails while a long list is read.
    package func forEachRow(_ body: (JSON) -> Void) throws(APIError) {
        func take(_ rows: [[UInt8]]) {
            for row in rows { if let value = try? JSON(parsing: row) { body(value) } }
        }
        switch self {
        case .rows(let rows): take(rows)
        case .stream(let stream):
            do {
                try stream.read(take)
            } catch {
                throw error as? APIError ?? .internalFault("\(error)")
            }
        case .none, .value, .file, .text, .made: return
        }
    }
}
