//  Settings from the command line, the environment and a file, in this order, and where each came from.

import Configuration
import Synchronization

/// Reads settings one after the other and notes each of them, and everything that is wrong.
final class SettingsReader {
    /// A setting as an operator sees it.
    struct Entry {
        var key: String
        var value: String
        /// `default`, or the option, the variable, or the file and the line.
        var source: String
        /// The unit and the range, if it has any.
        var range: String
        var help: String
    }

    private let reader: ConfigReader
    private let recorder = Recorder()
    private let options: [String: (name: String, value: ConfigContent)]
    private let environment: [String: String]
    private let file: SettingsFile?
    private(set) var entries: [Entry] = []
    private(set) var mistakes: [String]

    private static let prefix = "JACKFIELD_"

    /// - Parameters:
    ///   - options: from the command line, by key: the option's name and its value.
    ///   - environment: all variables; those that begin with `JACKFIELD_` count.
    ///   - file: nil if there is none.
    init(
        options: [String: (name: String, value: ConfigContent)],
        environment: [String: String],
        file: SettingsFile?
    ) {
        self.options = options
        let own = environment.filter { $0.key.hasPrefix(Self.prefix) && $0.key != Self.prefix }
        self.environment = Dictionary(
            uniqueKeysWithValues: own.map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) }
        )
        self.file = file
        mistakes = file?.mistakes ?? []
        func provider(_ values: [String: ConfigContent]) -> InMemoryProvider {
            InMemoryProvider(
                values: Dictionary(
                    uniqueKeysWithValues: values.map {
                        (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue($0.value, isSecret: false))
                    }
                )
            )
        }
        reader = ConfigReader(
            providers: [
                provider(options.mapValues(\.value)),
                EnvironmentVariablesProvider(environmentVariables: self.environment),
                provider(file?.values ?? [:]),
            ],
            accessReporter: recorder
        )
    }

    // MARK: Settings

    func number(_ key: String, _ range: ClosedRange<Int>, _ standard: Int, _ unit: String, _ help: String) -> Int {
        let words = "\(range.lowerBound) to \(range.upperBound)"
        let expected = "expected a whole number from \(words) (\(unit))"
        let value = read(key, expected) { reader.int(forKey: ConfigKey(key)) }
        note(key, "\(value ?? standard)", "\(unit), \(words), default \(standard)", help)
        guard let value else { return standard }
        guard range.contains(value) else {
            refuse(key, "\(expected), found \(value)")
            return standard
        }
        return value
    }

    func flag(_ key: String, _ standard: Bool, _ help: String) -> Bool {
        let value = read(key, "expected true or false") { reader.bool(forKey: ConfigKey(key)) }
        note(key, "\(value ?? standard)", "true or false, default \(standard)", help)
        return value ?? standard
    }

    func text(_ key: String, _ help: String) -> String? {
        let value = read(key, "expected a text") { reader.string(forKey: ConfigKey(key)) }
        note(key, value ?? "none", "", help)
        if value?.isEmpty == true { refuse(key, "expected a text that is not empty") }
        return value
    }

    func texts(_ key: String, _ help: String) -> [String] {
        let value = read(key, "expected a list of texts") { reader.stringArray(forKey: ConfigKey(key)) }
        let texts = (value ?? []).filter { !$0.isEmpty }
        note(key, texts.isEmpty ? "none" : texts.joined(separator: ","), "", help)
        return texts
    }

    func choice<Value>(_ key: String, _ choices: [String: Value], _ standard: Value, _ help: String) -> Value {
        let expected = "expected one of \(choices.keys.sorted().joined(separator: ", "))"
        let word = read(key, expected) { reader.string(forKey: ConfigKey(key)) }
        let standardWord = choices.first { "\($0.value)" == "\(standard)" }?.key ?? ""
        note(key, word ?? standardWord, "\(expected.dropFirst(9)), default \(standardWord)", help)
        guard let word else { return standard }
        guard let value = choices[word] else {
            refuse(key, "\(expected), found \"\(word)\"")
            return standard
        }
        return value
    }

    /// Notes a mistake in the setting that was read last under this key.
    func refuse(_ key: String, _ reason: String) {
        let place = entries.last { $0.key == key }?.source
        mistakes.append("\(place.map { "\($0): " } ?? "")\(key): \(reason)")
    }

    /// Notes what the file says and nobody has read.
    func refuseTheRest() {
        let known = Set(entries.map(\.key))
        for key in file?.keys ?? [] where !known.contains(key) {
            mistakes.append("\(file?.place(of: key) ?? ""): \(key): there is no such setting")
        }
    }

    // MARK: Where from

    private func read<Value>(_ key: String, _ expected: String, _ get: () -> Value?) -> Value? {
        let value = get()
        // The first that had a value, or one of another type.
        let results = recorder.takeLast()
        let decided = results.firstIndex { result in
            switch result {
            case .success(let found): found.value != nil
            case .failure: true
            }
        }
        source = decided.map { name(of: key, at: $0) } ?? "default"
        if let decided, case .failure = results[decided] {
            mistakes.append("\(source): \(key): \(expected), found \(content(of: key, at: decided))")
        }
        return value
    }

    /// Where the setting that was read last comes from.
    private var source = ""

    private func name(of key: String, at provider: Int) -> String {
        switch provider {
        case 0: options[key]?.name ?? ""
        case 1: Self.prefix + Self.variable(key)
        default: file?.place(of: key) ?? ""
        }
    }

    private func content(of key: String, at provider: Int) -> String {
        switch provider {
        case 1: "\"\(environment[Self.variable(key)] ?? "")\""
        default: file?.text(of: key) ?? ""
        }
    }

    private static func variable(_ key: String) -> String {
        key.uppercased().replacing(".", with: "_")
    }

    private func note(_ key: String, _ value: String, _ range: String, _ help: String) {
        entries.append(Entry(key: key, value: value, source: source, range: range, help: help))
    }
}

/// Keeps what each source said to the last question.
private final class Recorder: AccessReporter {
    private let last = Mutex<[Result<LookupResult, any Error>]>([])

    func report(_ event: AccessEvent) {
        last.withLock { $0 = event.providerResults.map(\.result) }
    }

    func takeLast() -> [Result<LookupResult, any Error>] { last.withLock { $0 } }
}
