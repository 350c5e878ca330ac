//  The page of all shapes shows plugins that compile.

import Foundation
import Testing

@Suite struct ShapesTests {
    /// The blocks of code of the page.
    private static func blocks() throws -> [String] {
        let page = Compiler.root.appending(path: "Sources/PluginKit/PluginKit.docc/Shapes.md")
        return try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst()
            .map { String($0.prefix(upTo: $0.range(of: "```")?.lowerBound ?? $0.endIndex)) }
    }

    @Test func everyShapeCompiles() throws {
        let blocks = try Self.blocks()
        for shape in [
            "ResourcePlugin", "ChildPlugin", "SingletonPlugin", "SubObjectPlugin", "ArrayPlugin", "ViewPlugin",
            "AttachmentPlugin", "AssociationPlugin",
        ] { #expect(blocks.contains { $0.contains("Plugin: \(shape) {") }, "\(shape)") }
        // The resources that the shapes belong to are those of the server.
        let source = "import PluginKit\n@testable import Plugins\n\n" + blocks.joined(separator: "\n")
        let complaints = try Compiler.complaints(about: source)
        #expect(complaints == "", "\(complaints)")
        #expect(try Compiler.complaints(about: source + "let wrong: MenusPlugin.Type = LimitsPlugin.self") != "")
    }
}
