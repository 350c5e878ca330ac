//  Reads call detail records from a text of any length, in the memory that a batch of them needs.

import PluginKit

/// Takes a text piece by piece and stores the records in it.
package struct CallRecordImport {
    /// What became of the lines.
    package struct Result: Equatable, Sendable {
        package var stored = 0
        package var refused = 0
    }

    /// How many records are stored at a time.
    private static let batch = 500
    /// After how many records the progress is told.
    private static let step = 50_000
    /// The longest line, in bytes.
    private static let lineLimit = 1_000_000
    /// How many refused lines are told of one by one.
    private static let toldLimit = 20

    private enum Form {
        case objects
        case table(columns: [String])
    }

    private let records: CallRecords
    private let schema: Schema
    private let now: Int64
    private let tell: (String) -> Void
    private var form: Form?
    private var line: [UInt8] = []
    /// Whether the line is inside a quoted cell, in which a line break is text.
    private var isQuoted = false
    private var number = 0
    private var waiting: [CallRecord] = []
    private var result = Result()

    /// - Parameters:
    ///   - now: Unix seconds; the end of calls that do not say when they ended.
    ///   - tell: is told of the progress and of refused lines, a sentence at a time.
    package init(_ kit: Kit, account: String, now: Int64, tell: @escaping (String) -> Void) throws(APIError) {
        guard let schema = kit.schemas[CDRsPlugin.name] else { throw .internalFault("no schema cdrs") }
        self.schema = schema
        records = CallRecords(kit.records(of: account))
        self.now = now
        self.tell = tell
    }

    /// - Throws: what the store throws; nothing of the batch is stored then.
    package mutating func take(_ bytes: some Sequence<UInt8>) throws(APIError) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n"), !isQuoted {
                try endLine()
            } else if line.count < Self.lineLimit {
                if byte == UInt8(ascii: "\""), case .table? = form { isQuoted.toggle() }
                line.append(byte)
            } else {
                isQuoted = false
            }
        }
    }

    /// Stores what is left.
    package mutating func finish() throws(APIError) -> Result {
        try endLine()
        try store()
        return result
    }

    private mutating func endLine() throws(APIError) {
        number += 1
        var text = line[...]
        line = []
        isQuoted = false
        if text.last == UInt8(ascii: "\r") { text = text.dropLast() }
        if number == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        guard text.contains(where: { $0 != UInt8(ascii: " ") }) else { return }
        guard text.count < Self.lineLimit else { return refuse("it is longer than \(Self.lineLimit) bytes") }
        let form = form ?? (text.first == UInt8(ascii: "{") ? .objects : .table(columns: cells(text)))
        guard self.form != nil || text.first == UInt8(ascii: "{") else {
            self.form = form
            return
        }
        self.form = form
        switch form {
        case .objects:
            guard let object = (try? JSON(parsing: Array(text)))?.object else { return refuse("it is no JSON object") }
            try add(object)
        case .table(let columns):
            let cells = cells(text)
            guard cells.count == columns.count else {
                return refuse("it has \(cells.count) cells, and the first line \(columns.count)")
            }
            var fields = JSONObject()
            for (column, cell) in zip(columns, cells) where !cell.isEmpty {
                fields.set(.string(cell), at: JSONPath(column))
            }
            try add(fields)
        }
    }

    private mutating func add(_ fields: JSONObject) throws(APIError) {
        var fields = fields
        fields["id"] = nil
        let checked = schema.validate(.object(fields))
        guard checked.violations.isEmpty, let valid = checked.value.object else {
            let places = checked.violations.json.object?.map { path, rules in
                "\(path) (\(rules.object?.keys.joined(separator: ", ") ?? ""))"
            }
            return refuse("wrong: \(places?.joined(separator: "; ") ?? "")")
        }
        waiting.append(CallRecord(valid, now: now))
        if waiting.count == Self.batch { try store() }
    }

    private mutating func store() throws(APIError) {
        guard !waiting.isEmpty else { return }
        try records.append(waiting)
        result.stored += waiting.count
        waiting = []
        if result.stored % Self.step == 0 { tell("\(result.stored) records stored") }
    }

    private mutating func refuse(_ reason: String) {
        result.refused += 1
        if result.refused <= Self.toldLimit { tell("line \(number): \(reason)") }
    }

    /// The cells of a line. Source: RFC 4180 §2.
    private func cells(_ line: ArraySlice<UInt8>) -> [String] {
        var cells: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var isAfterQuote = false
        for byte in line {
            switch byte {
            case UInt8(ascii: "\""):
                // A doubled quotation mark stands for one.
                if isAfterQuote { cell.append(byte) }
                isAfterQuote = isQuoted
                isQuoted.toggle()
                continue
            case UInt8(ascii: ",") where !isQuoted:
                cells.append(String(decoding: cell, as: UTF8.self))
                cell = []
            default: cell.append(byte)
            }
            isAfterQuote = false
        }
        return cells + [String(decoding: cell, as: UTF8.self)]
    }
}
