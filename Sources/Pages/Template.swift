//  The templates of the pages, and how text gets into them.

import Mustache

/// What a template is filled with: text, numbers, truth values, pieces of HTML, further models and lists of such.
struct Model: ExpressibleByDictionaryLiteral, MustacheParent {
    private var values: [String: Any]

    init(dictionaryLiteral elements: (String, Any)...) { values = Dictionary(elements) { $1 } }

    subscript(name: String) -> Any? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Both; where they differ, what the other one says.
    func merging(_ other: Model) -> Model {
        var both = self
        both.values.merge(other.values) { $1 }
        return both
    }

    func child(named name: String) -> Any? { values[name] }
}

/// Without this, each text would be looked through for an optional in it, and described.
extension String: @retroactive MustacheCustomRenderable {
    public var renderText: String { self }
    public var isNull: Bool { false }
}

enum Template {
    /// Returns a page: one of the templates in the frame that all pages share.
    static func render(_ page: Model) -> [UInt8] { Array((library.render(page, withTemplate: "page") ?? "").utf8) }

    /// A template that does not compile is a mistake of ours, which the first test of a page shows.
    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(HTMLText(), named: "HTML-BY-SCALAR")
        let sources: [(name: String, text: [UInt8])] = [
            ("page", PackageResources.page_mustache), ("list", PackageResources.list_mustache),
            ("item", PackageResources.item_mustache), ("form", PackageResources.form_mustache),
            ("field", PackageResources.field_mustache), ("deletion", PackageResources.deletion_mustache),
            ("problem", PackageResources.problem_mustache), ("login", PackageResources.login_mustache),
            ("home", PackageResources.home_mustache), ("chooser", PackageResources.chooser_mustache),
            ("document", PackageResources.document_mustache), ("docs", PackageResources.docs_mustache),
            ("values", PackageResources.values_mustache), ("history", PackageResources.history_mustache),
            ("deleted", PackageResources.deleted_mustache), ("factor", PackageResources.factor_mustache),
            ("recovery", PackageResources.recovery_mustache),
        ]
        var library = MustacheLibrary()
        for (name, text) in sources {
            let source = "{{% CONTENT_TYPE:HTML-BY-SCALAR}}\n" + String(decoding: text, as: UTF8.self)
            guard (try? library.register(source, named: name)) != nil else {
                preconditionFailure("\(name).mustache is malformed")
            }
        }
        return library
    }()
}
