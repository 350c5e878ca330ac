//  Lists as comma-separated values. Source: RFC 4180.

import HTTPMessage
import JSON

enum CSVRenderer {
    /// How many bytes of a streamed list's lines are kept while its columns are not all known.
    static let keptBytes = 2 << 20

    /// Renders rows, or one value as one row. Nested names are joined by `_`; a column that a row lacks is empty.
    ///
    /// A list that is read while it is sent has all columns only at its end. A long one is therefore read twice: for its
    /// columns, then for its lines.
    static func body(_ content: Reply.Content) throws(APIError) -> ResponseBody {
        switch content {
        case .none, .file, .text, .made: return .bytes([])
        case .value(let bytes): return .bytes(render([bytes]))
        case .rows(let rows): return .bytes(render(rows))
        case .stream(let rows): return try body(rows)
        }
    }

    static func render(_ rows: [[UInt8]]) -> [UInt8] {
        table(keeping: .max) { take in take(rows) }.text
    }

    private static func body(_ rows: RowStream) throws(APIError) -> ResponseBody {
        let first: CSVTable
        do {
            first = try table(keeping: keptBytes) { take in try rows.read(take) }
        } catch let error as APIError {
            throw error
        } catch {
            throw .internalFault("\(error)")
        }
        guard !first.isWhole else { return .bytes(first.text) }
        return .stream { write in
            var table = first.withItsColumns
            try write(table.header[...])
            try rows.read { batch in try write(table.lines(batch)[...]) }
        }
    }

    /// Reads rows into a table: a flat one if they have too many names.
    private static func table(
        keeping kept: Int,
        _ read: (_ take: ([[UInt8]]) -> Void) throws -> Void
    ) rethrows -> CSVTable {
        var table = CSVTable(keeping: kept)
        try read { rows in table.add(rows) }
        guard table.isTooWide else { return table }
        table = CSVTable(keeping: kept, isFlat: true)
        try read { rows in table.add(rows) }
        return table
    }
}

/// Lines of cells under the names of their columns, which are in the order in which rows brought them.
///
/// A line is written as soon as its row is read, with the columns that are known then. Those that later rows bring come
/// behind them, so all that it lacks is commas at its end.
private struct CSVTable {
    /// Rows that together have more names make a flat table, in which what is nested is JSON in one cell: objects of free
    /// keys would make columns that are empty in all rows but one.
    private static let widest = 1_000

    private let isFlat: Bool
    private let keptBytes: Int
    /// How many columns the lines have, where that is settled.
    private var width: Int?
    private var columns: JSONTable
    private var written: [UInt8] = []
    /// Where each line ends in what is written.
    private var ends: [Int] = []
    /// From which line on lines have how many columns.
    private var widths: [(line: Int, count: Int)] = []
    /// Whether all lines are there; if not, only the columns are.
    private(set) var isWhole = true

    init(keeping keptBytes: Int, isFlat: Bool = false) {
        self.isFlat = isFlat
        self.keptBytes = keptBytes
        columns = JSONTable(isFlat: isFlat)
    }

    var isTooWide: Bool { !isFlat && (columns.names.count > Self.widest || columns.isOverfull) }

    /// A table with these columns, which settles how many there are, and no lines.
    var withItsColumns: CSVTable {
        var table = CSVTable(keeping: .max, isFlat: isFlat)
        table.columns = columns
        table.width = columns.names.count
        return table
    }

    /// Adds rows: compact JSON in UTF-8.
    mutating func add(_ rows: [[UInt8]]) {
        for row in rows where !isTooWide { add(row) }
        if written.count > keptBytes { isWhole = false }
        if !isWhole { forgetLines() }
    }

    /// Returns the lines of rows of a table whose columns are settled.
    mutating func lines(_ rows: [[UInt8]]) -> [UInt8] {
        forgetLines()
        for row in rows { add(row) }
        return written
    }

    var header: [UInt8] {
        var line: [UInt8] = []
        for (number, name) in columns.names.enumerated() {
            if number > 0 { line.append(UInt8(ascii: ",")) }
            appendCell(name.span, to: &line)
        }
        return columns.names.isEmpty ? [] : line + "\r\n".utf8
    }

    /// The header and all lines.
    var text: [UInt8] {
        var text = header
        guard !text.isEmpty else { return [] }
        text.reserveCapacity(text.count + written.count)
        var start = 0
        for (number, width) in widths.enumerated() {
            let endLine = number + 1 < widths.count ? widths[number + 1].line : ends.count
            let missing = columns.names.count - max(width.count, 1)
            guard missing > 0 else {
                text += written[start...]
                break
            }
            for end in ends[width.line..<endLine] {
                text += written[start..<end - 2]
                text += repeatElement(UInt8(ascii: ","), count: missing)
                text += "\r\n".utf8
                start = end
            }
        }
        return text
    }

    private mutating func forgetLines() {
        written.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        widths.removeAll(keepingCapacity: true)
    }

    private mutating func add(_ row: [UInt8]) {
        columns.read(row)
        let cells = columns.cells
        let width = width ?? cells.count
        if widths.last?.count != width { widths.append((ends.count, width)) }
        let bytes = row.span
        // What a cell says, if it does not stand in the row as it is.
        var cellText: [UInt8] = []
        for column in 0..<width {
            if column > 0 { written.append(UInt8(ascii: ",")) }
            let cell = cells[column]
            switch cell.form {
            case .missing: break
            case .plain: appendCell(bytes.extracting(cell.start..<cell.end), to: &written)
            case .escaped, .list:
                cellText.removeAll(keepingCapacity: true)
                columns.append(cell, of: row, to: &cellText)
                appendCell(cellText.span, to: &written)
            }
        }
        written.append(0x0D)
        written.append(0x0A)
        ends.append(written.count)
    }
}

/// Appends a cell, UTF-8. Quotes what a reader would take for structure, and disarms what a spreadsheet would take for a
/// formula; a telephone number with its plus sign is none.
private func appendCell(_ cell: Span<UInt8>, to line: inout [UInt8]) {
    guard !cell.isEmpty else { return }
    let isQuoted = needsQuotes(cell)
    if isQuoted { line.append(UInt8(ascii: "\"")) }
    switch cell[0] {
    case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0D: line.append(UInt8(ascii: "'"))
    case UInt8(ascii: "+"), UInt8(ascii: "-"): if !isNumber(cell) { line.append(UInt8(ascii: "'")) }
    default: break
    }
    guard isQuoted else {
        cell.withUnsafeBufferPointer { line.append(contentsOf: $0) }
        return
    }
    for offset in cell.indices {
        if cell[offset] == UInt8(ascii: "\"") { line.append(UInt8(ascii: "\"")) }
        line.append(cell[offset])
    }
    line.append(UInt8(ascii: "\""))
}

/// Whether a cell has nothing but what numbers are written with, of telephones too.
private func isNumber(_ cell: Span<UInt8>) -> Bool {
    cell.indices.allSatisfy { offset in
        switch cell[offset] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        // + , - . / and ( ) and the space
        case 0x2B...0x2F, 0x28, 0x29, 0x20: true
        default: false
        }
    }
}

/// Whether a cell has a quote, a comma, or whitespace other than the space.
private func needsQuotes(_ cell: Span<UInt8>) -> Bool {
    var offset = offsetOfSpecialByte(in: cell, from: 0)
    while offset < cell.count {
        switch cell[offset] {
        case 0x09...0x0D, 0x22, 0x2C: return true
        case 0xC2, 0xE1...0xE3: if isWhitespace(cell, at: offset) { return true }
        default: break
        }
        offset = offsetOfSpecialByte(in: cell, from: offset + 1)
    }
    return false
}

/// Whether the character of two or three bytes that begins at an offset is whitespace.
///
/// Source: Unicode, PropList.txt, White_Space.
private func isWhitespace(_ text: Span<UInt8>, at start: Int) -> Bool {
    guard start + 1 < text.count else { return false }
    let second = text[start + 1]
    if text[start] == 0xC2 { return second == 0x85 || second == 0xA0 }
    guard start + 2 < text.count else { return false }
    switch (text[start], second, text[start + 2]) {
    case (0xE1, 0x9A, 0x80), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80): return true
    case (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9), (0xE2, 0x80, 0xAF): return true
    default: return false
    }
}
