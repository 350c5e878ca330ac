//  Reads the text of a regular expression.

/// Why a regular expression cannot be used.
package enum PatternError: Error, Equatable, Sendable {
    /// Something is wrong at this character, counted from 0.
    case malformed(at: Int)
    /// Lookahead, lookbehind or a backreference, which need backtracking: some texts would take for ever.
    case needsBacktracking(at: Int)
    /// The expression is longer, when its repetitions are written out, or nests deeper than any sensible one.
    case tooLarge

    package var message: String {
        switch self {
        case .malformed(let place): "the regular expression is malformed at character \(place)"
        case .needsBacktracking(let place):
            "lookaround and backreferences are not supported, because some texts would take for ever (character \(place))"
        case .tooLarge: "the regular expression is too large"
        }
    }
}

/// A regular expression as it is written.
indirect enum PatternTree {
    case empty
    case character(CharacterSet)
    case assertion(PatternAssertion)
    case sequence([PatternTree])
    case alternatives([PatternTree])
    /// At least and at most so many times; without a maximum, without end.
    case repetition(PatternTree, Int, Int?)
}

/// Reads one expression from left to right.
///
/// Source: ECMA 262, 21st section "Patterns", and the classes of POSIX inside brackets.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var offset = 0
    private var depth = 0

    private static let maximumDepth = 50
    private static let maximumCount = 1_000

    init(_ source: String) {
        scalars = Array(source.unicodeScalars)
    }

    mutating func parse() throws(PatternError) -> PatternTree {
        let tree = try alternatives()
        guard offset == scalars.count else { throw .malformed(at: offset) }
        return tree
    }

    private var peeked: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard peeked == expected else { return false }
        offset += 1
        return true
    }

    private mutating func next() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = peeked else { throw .malformed(at: offset) }
        offset += 1
        return scalar
    }

    private mutating func alternatives() throws(PatternError) -> PatternTree {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PatternParser.maximumDepth else { throw .tooLarge }
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .alternatives(choices)
    }

    private mutating func sequence() throws(PatternError) -> PatternTree {
        var parts: [PatternTree] = []
        while let scalar = peeked, scalar != "|", scalar != ")" { parts.append(try term()) }
        return parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func term() throws(PatternError) -> PatternTree {
        let start = offset
        let atom = try atom()
        guard let (minimum, maximum) = try quantifier() else { return atom }
        if case .assertion = atom { throw .malformed(at: start) }
        // Greedy or lazy: the same texts match.
        _ = take("?")
        return .repetition(atom, minimum, maximum)
    }

    private mutating func atom() throws(PatternError) -> PatternTree {
        let start = offset
        let scalar = try next()
        switch scalar {
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case ".": return .character(.anyButLineEnd)
        case "[": return .character(try bracket())
        case "(":
            if take("?") {
                guard take(":") else {
                    if let scalar = peeked, ["=", "!", "<"].contains(scalar) { throw .needsBacktracking(at: start) }
                    throw .malformed(at: start)
                }
            }
            let group = try alternatives()
            guard take(")") else { throw .malformed(at: start) }
            return group
        case "\\": return try escape(at: start)
        case "*", "+", "?", ")": throw .malformed(at: start)
        default: return .character(CharacterSet(scalar))
        }
    }

    /// Reads `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}`, or nothing; a `{` of another form stands for itself.
    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = offset
        guard take("{") else { return nil }
        let minimum = number()
        var maximum = minimum
        if take(",") { maximum = number() }
        guard let minimum, take("}") else {
            offset = start
            return nil
        }
        if let maximum, maximum < minimum { throw .malformed(at: start) }
        guard max(minimum, maximum ?? 0) <= PatternParser.maximumCount else { throw .tooLarge }
        return (minimum, maximum)
    }

    /// Reads decimal digits, or nothing; a larger number than any that is allowed is cut.
    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peeked, CharacterSet.digit.contains(scalar) {
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), PatternParser.maximumCount + 1)
            offset += 1
        }
        return value
    }

    /// Reads what follows a backslash outside brackets.
    private mutating func escape(at start: Int) throws(PatternError) -> PatternTree {
        if take("b") { return .assertion(.wordBoundary) }
        if take("B") { return .assertion(.noWordBoundary) }
        if let scalar = peeked, scalar == "k" || ("1"..."9").contains(scalar) { throw .needsBacktracking(at: start) }
        if let set = try classEscape(at: start) { return .character(set) }
        return .character(CharacterSet(try characterEscape(at: start)))
    }

    /// Reads an escape that means many characters, such as `\d` or `\p{L}`, or nothing.
    private mutating func classEscape(at start: Int) throws(PatternError) -> CharacterSet? {
        if take("d") { return .digit }
        if take("D") { return CharacterSet.digit.inverted }
        if take("w") { return .word }
        if take("W") { return CharacterSet.word.inverted }
        if take("s") { return .space }
        if take("S") { return CharacterSet.space.inverted }
        guard let scalar = peeked, scalar == "p" || scalar == "P" else { return nil }
        offset += 1
        guard take("{") else { throw .malformed(at: start) }
        var name = ""
        while let scalar = peeked, scalar != "}" {
            name.unicodeScalars.append(scalar)
            offset += 1
        }
        guard take("}"), let set = CharacterSet(category: name, isInverted: scalar == "P") else {
            throw .malformed(at: start)
        }
        return set
    }

    /// Reads an escape that means one character.
    private mutating func characterEscape(at start: Int) throws(PatternError) -> Unicode.Scalar {
        let scalar = try next()
        switch scalar {
        case "t": return "\t"
        case "n": return "\n"
        case "v": return "\u{0B}"
        case "f": return "\u{0C}"
        case "r": return "\r"
        case "0": return "\0"
        case "c":
            let letter = try next()
            guard ("A"..."Z").contains(letter) || ("a"..."z").contains(letter) else { throw .malformed(at: start) }
            return Unicode.Scalar(UInt8(letter.value % 32))
        case "x": return try hexadecimal(digits: 2, at: start)
        case "u":
            if take("{") {
                let scalar = try hexadecimal(digits: nil, at: start)
                guard take("}") else { throw .malformed(at: start) }
                return scalar
            }
            return try hexadecimal(digits: 4, at: start)
        case "A"..."Z", "a"..."z", "1"..."9":
            // Letters that mean nothing yet are kept free, as ECMA 262 does for Unicode patterns.
            throw .malformed(at: start)
        default: return scalar
        }
    }

    /// Reads so many hexadecimal digits, or all that stand there; surrogates are no characters.
    private mutating func hexadecimal(digits: Int?, at start: Int) throws(PatternError) -> Unicode.Scalar {
        var value: UInt32 = 0
        var count = 0
        while count < digits ?? 6, let scalar = peeked, scalar.isASCII, let digit = Character(scalar).hexDigitValue {
            value = value << 4 | UInt32(digit)
            offset += 1
            count += 1
        }
        guard count == digits ?? max(count, 1), let scalar = Unicode.Scalar(value) else { throw .malformed(at: start) }
        return scalar
    }

    /// Reads a bracket expression behind its `[`.
    private mutating func bracket() throws(PatternError) -> CharacterSet {
        let start = offset - 1
        let isInverted = take("^")
        var set = CharacterSet()
        while !take("]") {
            let itemStart = offset
            if let named = try bracketClass() {
                set.formUnion(named)
                continue
            }
            let low = try bracketCharacter(start)
            guard peeked == "-", offset + 1 < scalars.count, scalars[offset + 1] != "]" else {
                set.formUnion(CharacterSet(low))
                continue
            }
            offset += 1
            if let named = try bracketClass() {
                // `[\w-\d]`: the hyphen stands for itself.
                set.formUnion(CharacterSet(low))
                set.formUnion(CharacterSet("-"))
                set.formUnion(named)
                continue
            }
            let high = try bracketCharacter(start)
            guard low.value <= high.value else { throw .malformed(at: itemStart) }
            set.insert(low.value...high.value)
        }
        return isInverted ? set.inverted : set
    }

    /// Reads something inside brackets that means many characters, or nothing.
    private mutating func bracketClass() throws(PatternError) -> CharacterSet? {
        if let set = try posixClass() { return set }
        let start = offset
        guard take("\\") else { return nil }
        if let set = try classEscape(at: start) { return set }
        offset = start
        return nil
    }

    /// Reads one character inside brackets that began at `start`.
    private mutating func bracketCharacter(_ start: Int) throws(PatternError) -> Unicode.Scalar {
        let place = offset
        guard offset < scalars.count else { throw .malformed(at: start) }
        guard take("\\") else { return try next() }
        if take("b") { return "\u{08}" }
        if take("-") { return "-" }
        return try characterEscape(at: place)
    }

    /// Reads `[:name:]`, or nothing.
    private mutating func posixClass() throws(PatternError) -> CharacterSet? {
        let start = offset
        guard take("["), take(":") else {
            offset = start
            return nil
        }
        var name = ""
        while let scalar = peeked, ("a"..."z").contains(scalar) {
            name.unicodeScalars.append(scalar)
            offset += 1
        }
        guard take(":"), take("]"), let set = CharacterSet.posix[name] else { throw .malformed(at: start) }
        return set
    }
}
