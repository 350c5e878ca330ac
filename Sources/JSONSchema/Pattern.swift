//  Regular expressions of schemas, matched in time proportional to text and pattern.

/// A compiled regular expression that tells whether it occurs in a text.
///
/// The language is ECMA 262's without what needs backtracking: lookahead, lookbehind and backreferences are refused.
/// No text can make a match slow: all ways through the pattern are followed at the same time, one character after the
/// other. Characters are Unicode scalars; `\d` and `\w` mean ASCII; `[[:alnum:]]` and its kin are known inside
/// brackets, because Crossbar's schemas use them.
///
/// Cost of a match: at most the characters of the text times the steps of the program.
package struct Pattern: Sendable {
    package let source: String
    private let program: [PatternStep]

    package init(_ source: String) throws(PatternError) {
        var parser = PatternParser(source)
        let tree = try parser.parse()
        var writer = ProgramWriter()
        try writer.write(tree)
        self.source = source
        program = writer.program + [.match]
    }

    /// Tells whether the expression matches somewhere in the text.
    package func matches(_ text: String) -> Bool {
        var run = PatternRun(program)
        return run.matches(text)
    }
}

/// One step of a compiled pattern; numbers are positions in the program.
enum PatternStep: Sendable {
    case character(CharacterSet)
    case assertion(PatternAssertion)
    case fork(Int, Int)
    case jump(Int)
    case match
}

/// A condition on a place between characters.
enum PatternAssertion: Sendable {
    case start
    case end
    case wordBoundary
    case noWordBoundary
}

/// Writes the program of a pattern, counted repetitions written out.
private struct ProgramWriter {
    private(set) var program: [PatternStep] = []
    /// How much may still be written; what takes no step counts too, so that `(){1000}` does not multiply.
    private var budget = 2_000

    mutating func write(_ tree: PatternTree) throws(PatternError) {
        budget -= 1
        guard budget > 0 else { throw .tooLarge }
        switch tree {
        case .empty: break
        case .character(let set): program.append(.character(set))
        case .assertion(let assertion): program.append(.assertion(assertion))
        case .sequence(let parts):
            for part in parts { try write(part) }
        case .alternatives(let choices): try write(alternatives: choices[...])
        case .repetition(let part, let minimum, let maximum):
            for _ in 0..<minimum { try write(part) }
            if let maximum {
                try write(part, atMost: maximum - minimum)
            } else {
                try writeLoop(part)
            }
        }
    }

    private mutating func write(alternatives choices: ArraySlice<PatternTree>) throws(PatternError) {
        var jumps: [Int] = []
        for choice in choices.dropLast() {
            let fork = reserve()
            try write(choice)
            jumps.append(reserve())
            program[fork] = .fork(fork + 1, program.count)
        }
        if let last = choices.last { try write(last) }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func write(_ part: PatternTree, atMost count: Int) throws(PatternError) {
        var forks: [Int] = []
        for _ in 0..<count {
            forks.append(reserve())
            try write(part)
        }
        for fork in forks { program[fork] = .fork(fork + 1, program.count) }
    }

    private mutating func writeLoop(_ part: PatternTree) throws(PatternError) {
        let fork = reserve()
        try write(part)
        program.append(.jump(fork))
        program[fork] = .fork(fork + 1, program.count)
    }

    /// Adds a step whose target is not known yet; returns its place.
    private mutating func reserve() -> Int {
        program.append(.match)
        return program.count - 1
    }
}

/// One match of a program against a text: the set of steps at which the ways through it stand.
private struct PatternRun {
    private let program: [PatternStep]
    private var current: [Int] = []
    private var next: [Int] = []
    /// For each step the number of the place at which it was last added, so that no place adds it twice.
    private var lastAdded: [Int]
    private var pending: [Int] = []

    init(_ program: [PatternStep]) {
        self.program = program
        lastAdded = Array(repeating: -1, count: program.count)
    }

    mutating func matches(_ text: String) -> Bool {
        var previous: Unicode.Scalar?
        var place = 0
        var scalars = text.unicodeScalars.makeIterator()
        var following = scalars.next()
        while true {
            // A match may begin at every place.
            if add(0, at: place, previous, following) { return true }
            guard let scalar = following else { return false }
            following = scalars.next()
            next.removeAll(keepingCapacity: true)
            swap(&current, &next)
            place += 1
            for step in next {
                guard case .character(let set) = program[step], set.contains(scalar) else { continue }
                if add(step + 1, at: place, scalar, following) { return true }
            }
            previous = scalar
        }
    }

    /// Adds a step and all that it leads to without a character; returns true when the match is found.
    private mutating func add(
        _ step: Int,
        at place: Int,
        _ previous: Unicode.Scalar?,
        _ following: Unicode.Scalar?
    ) -> Bool {
        pending.append(step)
        while let step = pending.popLast() {
            guard lastAdded[step] != place else { continue }
            lastAdded[step] = place
            switch program[step] {
            case .character:
                current.append(step)
            case .assertion(let assertion):
                if holds(assertion, previous, following) { pending.append(step + 1) }
            case .fork(let first, let second):
                pending.append(second)
                pending.append(first)
            case .jump(let target):
                pending.append(target)
            case .match:
                pending.removeAll(keepingCapacity: true)
                return true
            }
        }
        return false
    }

    private func holds(
        _ assertion: PatternAssertion,
        _ previous: Unicode.Scalar?,
        _ following: Unicode.Scalar?
    ) -> Bool {
        switch assertion {
        case .start: previous == nil
        case .end: following == nil
        case .wordBoundary: isWord(previous) != isWord(following)
        case .noWordBoundary: isWord(previous) == isWord(following)
        }
    }

    private func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map(CharacterSet.word.contains) ?? false
    }
}
