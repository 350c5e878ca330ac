//  The settings file: one JSON object of objects, its keys joined by dots, each with its place in the text.

import Configuration
import Foundation
import JSON

struct SettingsFile {
    /// Where it is looked for when nobody names one.
    static let standardPath = "/etc/jackfield/jackfield.json"

    let path: String
    /// By key: `server.workers`.
    private(set) var values: [String: ConfigContent] = [:]
    private(set) var mistakes: [String] = []
    private var places: [String: (line: Int, column: Int)] = [:]
    private var texts: [String: String] = [:]

    /// All keys, in the order of the file.
    private(set) var keys: [String] = []

    /// - Throws: `Failure` if there is no such file.
    init(_ path: String) throws(Failure) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Failure("The settings file \(path) cannot be read.")
        }
        self.init(path: path, Array(bytes))
    }

    init(path: String, _ bytes: [UInt8]) {
        self.path = path
        do {
            let json = try JSON(parsing: bytes)
            guard let object = json.object else {
                mistakes.append("\(path): expected a JSON object")
                return
            }
            for (key, line, column) in KeyPlaces.all(in: bytes) { places[key] = (line, column) }
            take(object, "")
        } catch {
            mistakes.append("\(path):\(error.line):\(error.column): \(error.message)")
        }
    }

    private mutating func take(_ object: JSONObject, _ prefix: String) {
        for (name, value) in object {
            let key = prefix + name
            if let members = value.object {
                take(members, key + ".")
                continue
            }
            keys.append(key)
            texts[key] = value.text()
            switch value {
            case .string(let text): values[key] = .string(text)
            case .bool(let flag): values[key] = .bool(flag)
            case .number:
                if let number = value.int { values[key] = .int(number) } else { values[key] = .double(0) }
            case .array(let elements):
                let texts = elements.compactMap(\.string)
                values[key] = texts.count == elements.count ? .stringArray(texts) : .boolArray([])
            case .null, .object: mistakes.append("\(place(of: key)): \(key): expected a value, found null")
            }
        }
    }

    /// `FILE:LINE:COLUMN`.
    func place(of key: String) -> String {
        places[key].map { "\(path):\($0.line):\($0.column)" } ?? path
    }

    /// What the file says, as it says it.
    func text(of key: String) -> String? { texts[key] }
}

/// Where keys stand in a text that is valid JSON.
private enum KeyPlaces {
    static func all(in bytes: [UInt8]) -> [(key: String, line: Int, column: Int)] {
        var found: [(String, Int, Int)] = []
        /// The keys on the way to here; an array has an empty one.
        var way: [String] = [""]
        var line = 1
        var lineStart = 0
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): way.append("")
            case UInt8(ascii: "}"), UInt8(ascii: "]"): way.removeLast()
            case UInt8(ascii: "\n"):
                line += 1
                lineStart = index + 1
            case UInt8(ascii: "\""):
                let start = index
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                let rest = bytes[min(index + 1, bytes.count)...].drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
                guard rest.first == UInt8(ascii: ":"), let last = way.indices.last else { break }
                way[last] = (try? JSON(parsing: Array(bytes[start...index])))?.string ?? ""
                found.append((way.filter { !$0.isEmpty }.joined(separator: "."), line, start - lineStart + 1))
            default: break
            }
            index += 1
        }
        return found
    }
}
