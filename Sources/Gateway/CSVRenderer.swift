//  Lists as comma-separated values. Source: RFC 4180.

import HTTPMessage
import JSON

enum CSVRenderer {
    /// Renders rows, or one value as one row. Nested names are joined by `_`; a column that a row lacks is empty.
    ///
    /// A list that is read while it is sent is read twice: for its columns, then for its rows.
    static func body(_ content: Reply.Content) throws(APIError) -> ResponseBody {
        switch content {
        case .none, .file, .text, .made: return .bytes([])
        case .value(let bytes): return .bytes(render([bytes]))
        case .rows(let rows): return .bytes(render(rows))
        case .stream(let rows):
            var columns = Columns()
            do {
                try rows.read { batch in columns.note(batch) }
                if columns.isTooWide {
                    columns = Columns(isFlat: true)
                    try rows.read { batch in columns.note(batch) }
                }
            } catch let error as APIError {
                throw error
            } catch {
                throw .internalFault("\(error)")
            }
            return .stream { [columns] write in
                try write(columns.header[...])
                try rows.read { batch in try write(columns.lines(batch)[...]) }
            }
        }
    }

    static func render(_ rows: [[UInt8]]) -> [UInt8] {
        var columns = Columns()
        columns.note(rows)
        if columns.isTooWide {
            columns = Columns(isFlat: true)
            columns.note(rows)
        }
        return columns.header + columns.lines(rows)
    }

    /// The columns of a table, in the order in which rows brought them.
    ///
    /// Rows that together have more names than `widest` make a flat table, in which what is nested is JSON in one cell:
    /// objects of free keys would make columns that are empty in all rows but one.
    private struct Columns {
        private static let widest = 1_000

        private let isFlat: Bool
        private var names: [String] = []
        private var known: Set<String> = []

        init(isFlat: Bool = false) { self.isFlat = isFlat }

        var isTooWide: Bool { !isFlat && names.count > Self.widest }

        mutating func note(_ rows: [[UInt8]]) {
            for row in rows where !isTooWide {
                for (name, _) in cells(of: row, isFlat) where known.insert(name).inserted { names.append(name) }
            }
        }

        var header: [UInt8] { names.isEmpty ? [] : line(names) }

        func lines(_ rows: [[UInt8]]) -> [UInt8] {
            var text: [UInt8] = []
            for row in rows where !names.isEmpty {
                let cells = Dictionary(cells(of: row, isFlat), uniquingKeysWith: { first, _ in first })
                text += line(names.map { cells[$0] ?? "" })
            }
            return text
        }
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        Array((cells.map(quoted).joined(separator: ",") + "\r\n").utf8)
    }

    /// Quotes what a reader would take for structure, and disarms what a spreadsheet would take for a formula; a
    /// telephone number with its plus sign is none.
    private static func quoted(_ cell: String) -> String {
        let scalars = cell.unicodeScalars
        var text = cell
        switch scalars.first {
        case "=", "@", "\t", "\r": text = "'" + cell
        case "+", "-":
            if !scalars.allSatisfy("0123456789 +-().,/".unicodeScalars.contains) { text = "'" + cell }
        default: break
        }
        return needsQuotes(cell) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }

    private static func needsQuotes(_ cell: String) -> Bool {
        cell.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x09...0x0D, 0x22, 0x2C: true
            case ..<0x80: false
            default: scalar.properties.isWhitespace
            }
        }
    }

    private static func cells(of row: [UInt8], _ isFlat: Bool) -> [(String, String)] {
        let value = (try? JSON(parsing: row)) ?? .null
        guard isFlat, let members = value.object else { return flattened(value) }
        return members.flatMap { name, value in
            value.object == nil ? flattened(value, name: name) : [(name, value.text())]
        }
    }

    private static func flattened(_ value: JSON, name: String = "") -> [(String, String)] {
        switch value {
        case .object(let members):
            members.flatMap { flattened($0.value, name: name.isEmpty ? $0.key : "\(name)_\($0.key)") }
        case .array(let elements) where elements.allSatisfy({ $0.controlText != nil }):
            [(name, elements.compactMap(\.controlText).joined(separator: ";"))]
        case .array: [(name, value.text())]
        case .null: [(name, "")]
        case .bool, .number, .string: [(name, value.controlText ?? "")]
        }
    }
}
