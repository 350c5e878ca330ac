//  A disk without room refuses what needs room and nothing else, and a disk with room again is as it was.

import Foundation
import Glibc
import JSON
import Testing

@Suite struct FullDiskTests {
    @Test(.enabled(if: getuid() == 0, "A small file system can be mounted by root only."))
    func writersAreRefusedAndTheRestGoesOn() throws {
        let server = try RunningServer { data in
            try #require(mount("tmpfs", data, "tmpfs", 0, "size=40m") == 0)
        }
        defer {
            server.stop()
            umount2(server.data, Int32(MNT_DETACH))
        }
        try server.start()
        let session = try server.logIn()
        let menus = try (0..<10).map { index in
            try session.send("PUT", "/menus", ["name": .string("menu \(index)")]).json["data"]?["id"]?.string ?? ""
        }
        try fill(server.data + "/ballast")

        let text = JSON.string(String(repeating: "x", count: 100_000))
        var refusal: (status: Int, json: JSON) = (0, .null)
        for index in 0..<1_000 where refusal.status != 507 {
            refusal = try session.send("PUT", "/menus", ["name": .string("big \(index)"), "text": text])
        }
        #expect(refusal.status == 507)
        #expect(refusal.json["status"]?.string == "error" && refusal.json["error"]?.string == "507")
        #expect(refusal.json["message"]?.string == "disk_full")

        // Readers and deletes go on, and so does logging in.
        for menu in menus { #expect(try session.send("GET", "/menus/\(menu)").status == 200) }
        for menu in menus.dropLast(5) { #expect(try session.send("DELETE", "/menus/\(menu)").status == 200) }
        #expect(try session.send("GET", "/menus/\(menus[0])").status == 404)
        #expect(try session.send("PUT", "/menus", ["name": "one more"]).status == 507)
        _ = try server.logIn()

        unlink(server.data + "/ballast")
        #expect(try session.send("PUT", "/menus", ["name": "one more"]).status == 201)
        for menu in menus.dropFirst(5) { #expect(try session.send("GET", "/menus/\(menu)").status == 200) }
    }

    /// Takes all room that there is.
    private func fill(_ path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let bytes = [UInt8](repeating: 0, count: 1 << 16)
        while write(file, bytes, bytes.count) > 0 {}
    }
}
