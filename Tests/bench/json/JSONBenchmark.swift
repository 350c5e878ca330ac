//  Measures reading and checking JSON next to Foundation and RapidJSON, in one run.

import Foundation
import JSON

/// One document of a size, and how fast each contender gets through it.
@main
struct JSONBenchmark {
    static let rounds = 7

    static func main() throws {
        print("| document | task | Jackfield | JSONSerialization | RapidJSON |")
        print("| --- | --- | ---: | ---: | ---: |")
        for size in [1_000, 10_000, 1_000_000] {
            let text = document(of: size)
            let data = Data(text)
            let value = try JSON(parsing: text)
            let parse = medians(
                of: text.count,
                [
                    { _ = try? JSON(parsing: text) },
                    { _ = try? JSONSerialization.jsonObject(with: data) },
                    { _ = text.withUnsafeBytes { rapidjson_parse($0.baseAddress, $0.count) } },
                ]
            )
            let check = medians(
                of: text.count,
                [
                    { try? JSON.check(text) },
                    { _ = text.withUnsafeBytes { rapidjson_check($0.baseAddress, $0.count) } },
                ]
            )
            let write = medians(
                of: text.count,
                [
                    { _ = value.bytes() },
                    {
                        var writer = JSONWriter(style: .pretty)
                        writer.raw(text)
                    },
                ]
            )
            let name = size < 1_000_000 ? "\(size / 1_000) KB" : "1 MB"
            print("| \(name) | parse to a value | \(parse[0]) | \(parse[1]) | \(parse[2]) |")
            print("| \(name) | check | \(check[0]) | | \(check[1]) |")
            print("| \(name) | write | \(write[0]) | | |")
            print("| \(name) | lay out stored bytes | \(write[1]) | | |")
        }
        print("\nMB/s of the thread's CPU time, median of \(rounds) rounds in which the contenders take turns.\n")
        try SchemaBenchmark.run()
    }

    /// Runs the tasks in turn and returns the median speed of each in MB/s.
    static func medians(of count: Int, _ tasks: [() -> Void]) -> [Int] {
        // Enough repetitions that a round takes some ten milliseconds even for the fastest.
        let repetitions = max(1, 10_000_000 / count)
        var speeds = Array(repeating: [Double](), count: tasks.count)
        for _ in 0..<rounds {
            for (number, task) in tasks.enumerated() {
                let start = cpuSeconds()
                for _ in 0..<repetitions { task() }
                speeds[number].append(Double(count * repetitions) / (cpuSeconds() - start) / 1e6)
            }
        }
        return speeds.map { Int($0.sorted()[rounds / 2].rounded()) }
    }

    static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A compact text of at least so many bytes: documents of devices and users, each a little different.
    static func document(of size: Int) -> [UInt8] {
        var writer = JSONWriter()
        var number = 0
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        while writer.bytes.count < size {
            writer.value(number.isMultiple(of: 2) ? device(number) : user(number))
            number += 1
        }
        writer.endArray()
        writer.key("page_size")
        writer.int(number)
        writer.endObject()
        return writer.bytes
    }

    private static func device(_ number: Int) -> JSON {
        [
            "id": .string(identifier(number)), "name": .string("Desk phone \(number)"), "enabled": true,
            "device_type": "sip_device", "mac_address": .string("00:15:65:\(number % 90 + 10):00:01"),
            "owner_id": .string(identifier(number + 7)),
            "sip": [
                "username": .string("user_\(number)"), "password": "vT7\"x\\9!", "expire_seconds": 300,
                "invite_format": "contact",
            ],
            "media": [
                "audio": ["codecs": ["PCMU", "PCMA", "G722"]],
                "encryption": ["enforce_security": false, "methods": []],
            ],
            "provision": ["endpoint_brand": "yealink", "endpoint_model": "t46s", "gain": -1.5],
        ]
    }

    private static func user(_ number: Int) -> JSON {
        [
            "id": .string(identifier(number)), "first_name": "Jürgen", "last_name": .string("Müller-\(number)"),
            "username": .string("j.mueller.\(number)@example.com"), "priv_level": "user", "timezone": "Europe/Berlin",
            "caller_id": [
                "internal": ["name": "Empfang 受付", "number": .string(String(1000 + number))], "external": .null,
            ],
            "note": "Sits near the window on the second floor; forwards calls to the mobile phone after five o'clock.",
            "hotdesk": ["enabled": false, "keep_logged_in_elsewhere": false, "pin": "0042"],
        ]
    }

    /// 32 hexadecimal digits, as documents have for an id.
    private static func identifier(_ number: Int) -> String {
        let digits = String((UInt64(number) &+ 1) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
        return String((digits + digits + String(repeating: "0", count: 32)).prefix(32))
    }
}
