//  The bytes of a stored call detail record: as a list shows it, ready to be sent, and whole.
//
//  One JSON object, `{"lengths":"001123 000052","row":{…},"reseller":{…},"fields":{…}}`: the row of a list for a clock
//  without an offset, what a reseller's has besides, and the record's own fields. The lengths are those of the first two,
//  in bytes, so that a page of a list is made without reading any of it. A record of earlier versions, and one whose row
//  is very long, is its fields alone.

import PluginKit

struct CallRecordBody {
    private let bytes: [UInt8]
    /// Nil in a record that is its fields alone.
    private let parts: (row: Range<Int>, reseller: Range<Int>)?

    private static let start = Array(#"{"lengths":""#.utf8)
    private static let rowName = Array(#"","row":"#.utf8)
    private static let resellerName = Array(#","reseller":"#.utf8)
    private static let fieldsName = Array(#","fields":"#.utf8)
    /// The digits of a length.
    private static let width = 6

    init(_ record: CallRecord) {
        let row = JSON.object(CallRecordRow.of(record, utcOffset: 0)).bytes()
        let reseller = JSON.object(CallRecordRow.forReseller(record)).bytes()
        let own = JSON.object(record.fields).bytes()
        let lengths = [row.count, reseller.count].map { String($0) }
        guard lengths.allSatisfy({ $0.utf8.count <= Self.width }) else {
            (bytes, parts) = (own, nil)
            return
        }
        let digits = lengths.map { String(repeating: "0", count: Self.width - $0.utf8.count) + $0 }
        let head = Self.start + Array(digits.joined(separator: " ").utf8) + Self.rowName
        let rowEnd = head.count + row.count
        let resellerStart = rowEnd + Self.resellerName.count
        parts = (head.count..<rowEnd, resellerStart..<resellerStart + reseller.count)
        bytes =
            head + row + Self.resellerName + reseller + Self.fieldsName + own + [UInt8(ascii: "}")]
    }

    init(stored bytes: [UInt8]) {
        self.bytes = bytes
        let digits = Self.start.count
        let rowStart = digits + 2 * Self.width + 1 + Self.rowName.count
        guard bytes.starts(with: Self.start), bytes.count > rowStart,
            let row = Int(String(decoding: bytes[digits..<digits + Self.width], as: UTF8.self)),
            let reseller = Int(
                String(decoding: bytes[digits + Self.width + 1..<digits + 2 * Self.width + 1], as: UTF8.self)
            ), row > 1, reseller > 1,
            rowStart + row + Self.resellerName.count + reseller + Self.fieldsName.count < bytes.count
        else {
            parts = nil
            return
        }
        let resellerStart = rowStart + row + Self.resellerName.count
        parts = (rowStart..<rowStart + row, resellerStart..<resellerStart + reseller)
    }

    /// As it is stored.
    var stored: [UInt8] { bytes }

    /// The row of a list, compact JSON; nil if it is not kept.
    func row(isForReseller: Bool) -> [UInt8]? {
        guard let parts else { return nil }
        guard isForReseller else { return Array(bytes[parts.row]) }
        return Array(bytes[parts.row].dropLast()) + [UInt8(ascii: ",")] + bytes[parts.reseller].dropFirst()
    }

    /// The record's own fields; nil if the bytes are damaged.
    var fields: JSONObject? {
        guard let parts else { return (try? JSON(parsing: bytes))?.object }
        let start = parts.reseller.upperBound + Self.fieldsName.count
        return (try? JSON(parsing: Array(bytes[start...].dropLast())))?.object
    }
}
