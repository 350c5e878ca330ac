//  Takes checked objects apart into the cells of a table, where they lie.

/// The columns that rows brought so far, and where the cells of the last row lie in its text.
///
/// A member is a column; the members of an object within are columns of their own, whose names are joined by `_`. Where
/// two members of a row would be one column, the first is its cell. A row that is no object is one column without a name.
///
/// Cost: one look at each byte, and a comparison for each key as long as rows have their members in the same order.
package struct JSONTable {
    /// Where a cell lies in its row.
    package struct Cell {
        package enum Form {
            /// The row has none.
            case missing
            /// The bytes are what the cell says; an object or array is its JSON text.
            case plain
            /// The inside of a string that has escapes.
            case escaped
            /// An array without null, objects and arrays in it.
            case list
        }

        package fileprivate(set) var form = Form.missing
        package fileprivate(set) var start = 0
        package fileprivate(set) var end = 0
    }

    /// A member, or the row itself. Links are indices of `members`, -1 where there is none.
    private struct Member {
        let head: Head
        var firstInside = -1
        var lastInside = -1
        var next = -1
        var column = -1
    }

    /// How a member begins in the text: its key with escapes, in quotes, and the colon. Three words say which it is, unless
    /// it is longer than they are.
    private struct Head: Equatable {
        let count: Int
        let first: UInt64
        let second: UInt64
        let last: UInt64

        /// That of no member.
        init() { (count, first, second, last) = (0, 0, 0, 0) }

        /// Reads `count` bytes; there are at least so many.
        init(_ bytes: Span<UInt8>, at start: Int, count: Int) {
            self.count = count
            second = count >= 16 ? word(bytes, at: start &+ 8) : 0
            last = count >= 8 ? word(bytes, at: start &+ count &- 8) : 0
            if count >= 8 {
                first = word(bytes, at: start)
            } else {
                first = (0..<count).reversed().reduce(0) { word, offset in word << 8 | UInt64(bytes[start + offset]) }
            }
        }

        var isWhole: Bool { count <= 24 }
    }

    private struct Place: Hashable {
        let outer: Int
        let key: [UInt8]
    }

    /// The longest names, in bytes, that a table has whose rows are taken apart: a long name around many short ones would
    /// be copied into each.
    private static let longestNames = 1 << 20

    /// Whether objects within a row stay whole, as JSON text in one cell.
    private let isFlat: Bool
    private var nameBytes = 0
    private var members = [Member(head: Head())]
    /// For each of `members` the name that it has as a column, in UTF-8.
    private var memberNames: [[UInt8]] = [[]]
    private var places: [Place: Int] = [:]
    private var columns: [[UInt8]: Int] = [:]

    /// The names of the columns in UTF-8, in the order in which rows brought them.
    package private(set) var names: [[UInt8]] = []
    /// For each column the cell of the row that was read last.
    package private(set) var cells: [Cell] = []

    /// Whether the names are so long that not all of them were made; what the table says is of no use then.
    package var isOverfull: Bool { !isFlat && nameBytes > Self.longestNames }

    package init(isFlat: Bool = false) { self.isFlat = isFlat }

    /// Reads one row, which must have been checked.
    package mutating func read(_ row: [UInt8]) {
        for column in cells.indices { cells[column].form = .missing }
        let bytes = row.span
        let start = skipWhitespace(in: bytes, from: 0)
        _ = value(bytes, at: start, of: 0)
    }

    /// Appends what a cell says in UTF-8: a string without its quotes and escapes, the elements of a list joined by `;`.
    package func append(_ cell: Cell, of row: [UInt8], to text: inout [UInt8]) {
        let bytes = row.span
        switch cell.form {
        case .missing: break
        case .plain: append(bytes, cell.start..<cell.end, to: &text)
        case .escaped: appendUnescaped(bytes, cell.start..<cell.end, to: &text)
        case .list:
            var offset = skipWhitespace(in: bytes, from: cell.start + 1)
            while bytes[offset] != Ascii.closeBracket {
                if bytes[offset] == Ascii.comma {
                    text.append(UInt8(ascii: ";"))
                    offset = skipWhitespace(in: bytes, from: offset + 1)
                }
                let end = scalarEnd(in: bytes, from: offset)
                if bytes[offset] == Ascii.quote {
                    appendUnescaped(bytes, offset + 1..<end - 1, to: &text)
                } else {
                    append(bytes, offset..<end, to: &text)
                }
                offset = skipWhitespace(in: bytes, from: end)
            }
        }
    }

    private func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to text: inout [UInt8]) {
        bytes.extracting(range).withUnsafeBufferPointer { text.append(contentsOf: $0) }
    }

    // MARK: - Reading

    /// Passes over the value of a member; returns where it ends. The depth is bounded by the check.
    private mutating func value(_ bytes: Span<UInt8>, at start: Int, of member: Int) -> Int {
        switch bytes[start] {
        case Ascii.quote:
            let string = passString(bytes, from: start + 1)
            set(member, string.isEscaped ? .escaped : .plain, start + 1..<string.end)
            return string.end + 1
        case Ascii.openBrace:
            if !isFlat || member == 0 { return object(bytes, at: start, of: member) }
            let end = passContainer(bytes, from: start).end
            set(member, .plain, start..<end)
            return end
        case Ascii.openBracket:
            let array = passContainer(bytes, from: start)
            set(member, array.isList ? .list : .plain, start..<array.end)
            return array.end
        case Ascii.lowerN:
            set(member, .plain, start..<start)
            return start + 4
        default:
            let end = scalarEnd(in: bytes, from: start)
            set(member, .plain, start..<end)
            return end
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, at start: Int, of outer: Int) -> Int {
        var offset = skipWhitespace(in: bytes, from: start + 1)
        var previous = -1
        while bytes[offset] != Ascii.closeBrace {
            if bytes[offset] == Ascii.comma { offset = skipWhitespace(in: bytes, from: offset + 1) }
            let inner: Int
            if let expected = expectedMember(in: outer, after: previous, bytes, at: offset) {
                inner = expected
                offset += members[inner].head.count
            } else {
                let end = passString(bytes, from: offset + 1).end
                inner = member(in: outer, bytes, offset + 1..<end)
                offset = skipWhitespace(in: bytes, from: end + 1) + 1
            }
            offset = value(bytes, at: skipWhitespace(in: bytes, from: offset), of: inner)
            offset = skipWhitespace(in: bytes, from: offset)
            previous = inner
        }
        return offset + 1
    }

    @inline(__always)
    private mutating func set(_ member: Int, _ form: Cell.Form, _ range: Range<Int>) {
        let column = members[member].column >= 0 ? members[member].column : addColumn(of: member)
        guard cells[column].form == .missing else { return }
        cells[column] = Cell(form: form, start: range.lowerBound, end: range.upperBound)
    }

    // MARK: - Columns

    /// Returns the member that begins at an offset if it is one of those that come next in rows that had them all.
    private func expectedMember(in outer: Int, after previous: Int, _ bytes: Span<UInt8>, at start: Int) -> Int? {
        var candidate = previous < 0 ? members[outer].firstInside : members[previous].next
        for _ in 0..<4 where candidate >= 0 {
            let head = members[candidate].head
            if head.isWhole, head.count <= bytes.count - start, Head(bytes, at: start, count: head.count) == head {
                return candidate
            }
            candidate = members[candidate].next
        }
        return nil
    }

    private mutating func member(in outer: Int, _ bytes: Span<UInt8>, _ key: Range<Int>) -> Int {
        var text: [UInt8] = []
        append(bytes, key, to: &text)
        let place = Place(outer: outer, key: text)
        return places[place] ?? addMember(at: place)
    }

    private mutating func addMember(at place: Place) -> Int {
        let index = members.count
        let head = [Ascii.quote] + place.key + [Ascii.quote, Ascii.colon]
        members.append(Member(head: Head(head.span, at: 0, count: head.count)))
        places[place] = index
        var name = isOverfull ? [] : memberNames[place.outer]
        if !name.isEmpty { name.append(UInt8(ascii: "_")) }
        appendUnescaped(place.key.span, place.key.indices, to: &name)
        nameBytes += name.count
        memberNames.append(name)
        if members[place.outer].lastInside >= 0 {
            members[members[place.outer].lastInside].next = index
        } else {
            members[place.outer].firstInside = index
        }
        members[place.outer].lastInside = index
        return index
    }

    private mutating func addColumn(of member: Int) -> Int {
        let name = memberNames[member]
        let column = columns[name] ?? names.count
        if column == names.count {
            columns[name] = column
            names.append(name)
            cells.append(Cell())
        }
        members[member].column = column
        return column
    }
}

/// Returns the offset of the first byte at or after `start` that is a quote, a comma, a control or beyond ASCII, or the
/// count.
package func offsetOfSpecialByte(in text: Span<UInt8>, from start: Int) -> Int {
    firstOffset(in: text, from: start) { word in
        Word.marks(word, equalTo: Ascii.quote) | Word.marks(word, equalTo: Ascii.comma)
            | Word.marksOfControls(word) | word & Word.highBits
    }
}

/// Returns where a checked string, number or literal ends.
private func scalarEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
    if bytes[start] == Ascii.quote { return passString(bytes, from: start + 1).end + 1 }
    var offset = start
    while offset < bytes.count, isPartOfScalar(bytes[offset]) { offset += 1 }
    return offset
}

/// Passes over a checked object or array; returns where it ends, and whether it has no null, object or array in it.
private func passContainer(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, isList: Bool) {
    var depth = 0
    var isList = true
    var offset = start
    repeat {
        switch bytes[offset] {
        case Ascii.quote: offset = passString(bytes, from: offset + 1).end
        case Ascii.openBrace, Ascii.openBracket:
            if depth > 0 { isList = false }
            depth += 1
        case Ascii.closeBrace, Ascii.closeBracket: depth -= 1
        case Ascii.lowerN: isList = false
        default: break
        }
        offset += 1
    } while depth > 0
    return (offset, isList)
}
