//  Sets of characters that a pattern names.

/// Characters by range and by general category, or all others.
struct CharacterSet: Sendable {
    private var ranges: [ClosedRange<UInt32>] = []
    private var categories: [Category] = []
    private var isInverted = false

    /// Characters whose general category begins with a letter or two, such as `L` or `Nd`.
    private struct Category: Sendable {
        let abbreviation: String
        let isInverted: Bool
    }

    init(_ ranges: ClosedRange<UInt32>...) {
        self.ranges = ranges
    }

    init(_ scalar: Unicode.Scalar) {
        ranges = [scalar.value...scalar.value]
    }

    static let digit = CharacterSet(0x30...0x39)
    static let word = CharacterSet(0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A)
    /// White space and line ends of ECMA 262.
    static let space = CharacterSet(
        0x09...0x0D,
        0x20...0x20,
        0xA0...0xA0,
        0x1680...0x1680,
        0x2000...0x200A,
        0x2028...0x2029,
        0x202F...0x202F,
        0x205F...0x205F,
        0x3000...0x3000,
        0xFEFF...0xFEFF
    )
    /// What `.` matches: everything but line ends.
    static let anyButLineEnd = CharacterSet(0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029).inverted

    /// The classes of POSIX, for ASCII.
    static let posix: [String: CharacterSet] = [
        "alnum": CharacterSet(0x30...0x39, 0x41...0x5A, 0x61...0x7A),
        "alpha": CharacterSet(0x41...0x5A, 0x61...0x7A),
        "blank": CharacterSet(0x09...0x09, 0x20...0x20),
        "cntrl": CharacterSet(0x00...0x1F, 0x7F...0x7F),
        "digit": digit,
        "graph": CharacterSet(0x21...0x7E),
        "lower": CharacterSet(0x61...0x7A),
        "print": CharacterSet(0x20...0x7E),
        "punct": CharacterSet(0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E),
        "space": CharacterSet(0x09...0x0D, 0x20...0x20),
        "upper": CharacterSet(0x41...0x5A),
        "word": word,
        "xdigit": CharacterSet(0x30...0x39, 0x41...0x46, 0x61...0x66),
    ]

    /// The characters of a Unicode general category by its short or long name, or nil for an unknown one.
    init?(category name: String, isInverted: Bool) {
        guard let abbreviation = CharacterSet.abbreviations[name] else { return nil }
        categories = [Category(abbreviation: abbreviation, isInverted: isInverted)]
    }

    /// Names of general categories that patterns use, and their abbreviations.
    private static let abbreviations: [String: String] = {
        var names = [
            "Letter": "L", "Mark": "M", "Number": "N", "Punctuation": "P", "Symbol": "S", "Separator": "Z",
            "Other": "C",
            "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Decimal_Number": "Nd", "digit": "Nd",
        ]
        for category in [
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
            "Pe", "Pi",
            "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn",
        ] {
            names[category] = category
        }
        return names
    }()

    /// All characters that are not in this set.
    var inverted: CharacterSet {
        var set = self
        set.isInverted.toggle()
        return set
    }

    /// Adds a range.
    mutating func insert(_ range: ClosedRange<UInt32>) {
        ranges.append(range)
    }

    /// Adds the characters of another set.
    mutating func formUnion(_ other: CharacterSet) {
        if other.isInverted {
            // By De Morgan a union with a complement; the only ones are complements of ranges.
            ranges += CharacterSet.gaps(between: other.ranges)
        } else {
            ranges += other.ranges
            categories += other.categories
        }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var isListed = ranges.contains { $0.contains(scalar.value) }
        if !isListed, !categories.isEmpty {
            let abbreviation = scalar.properties.generalCategory.abbreviation
            isListed = categories.contains { abbreviation.hasPrefix($0.abbreviation) != $0.isInverted }
        }
        return isListed != isInverted
    }

    /// The ranges of all values that lie in none of the given ones.
    private static func gaps(between ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var gaps: [ClosedRange<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > start { gaps.append(start...(range.lowerBound - 1)) }
            start = max(start, range.upperBound + 1)
        }
        gaps.append(start...UInt32.max)
        return gaps
    }
}

extension Unicode.GeneralCategory {
    /// The abbreviation of the Unicode standard: `Lu`, `Nd`.
    fileprivate var abbreviation: String {
        switch self {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
