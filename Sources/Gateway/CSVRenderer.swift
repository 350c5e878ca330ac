//  Lists as comma-separated values. Source: RFC 4180.

import JSON

enum CSVRenderer {
    /// Renders rows, or one value as one row. Nested names are joined by `_`; a column that a row lacks is empty.
    static func render(_ content: Reply.Content) -> [UInt8] {
        let rows: [[UInt8]] =
            switch content {
            case .none: []
            case .value(let bytes): [bytes]
            case .rows(let rows): rows
            }
        let table = rows.map { flattened((try? JSON(parsing: $0)) ?? .null) }
        var columns: [String] = []
        var known: Set<String> = []
        for row in table {
            for (name, _) in row where known.insert(name).inserted { columns.append(name) }
        }
        guard !columns.isEmpty else { return [] }
        var text = line(columns)
        for row in table {
            let cells = Dictionary(row, uniquingKeysWith: { first, _ in first })
            text += line(columns.map { cells[$0] ?? "" })
        }
        return Array(text.utf8)
    }

    /// Offers the answer as a file: the name that was asked for by `file_name`, else the endpoint's.
    static func disposition(_ exchange: Exchange) -> String {
        let asked = exchange.query["file_name"].map { String($0.split(separator: "/").last ?? "") }
        let name = (asked ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._- ".contains($0)) }
        let fallback = (exchange.nouns.last?.module ?? "result") + ".csv"
        return "attachment; filename=\"\(name.isEmpty ? fallback : name)\""
    }

    private static func line(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",") + "\r\n"
    }

    /// Quotes what a reader would take for structure, and disarms what a spreadsheet would take for a formula.
    private static func quoted(_ cell: String) -> String {
        var text = cell
        if let first = text.first, "=@\t\r".contains(first) { text = "'" + text }
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
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
