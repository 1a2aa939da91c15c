"""What the reader of Java tells that is Java's own; what it shares with other languages stands in test_lowered_readers.py."""

from __future__ import annotations

from guard.analyses import View
from guard.analyses.durable_writes import find
from guard.analyses.shared_state import find as find_shared
from guard.catalogue import load, matches
from guard.facts import Action, Binding, Call, Constant, Facts, FunctionKind, Name, Template, Use
from guard.languages import read
from guard.pipeline.signals import signals_of
from guard.project import Project, project_from
from guard.roles import Role

CARTS = """\
package com.acme.shop;

import static com.acme.Ids.next;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/carts")
public class Carts extends Base implements Listener<Event> {
    private static final Map<String, List<Item>> CARTS = new ConcurrentHashMap<>();
    private static int visits = 0;
    private final Map<Long, Cart> byId;
    @Value("${carts.folder:/var/carts}")
    private String folder;

    public Carts(Clock clock) {
        this.byId = new HashMap<>();
    }

    static {
        CARTS.put("seed", new ArrayList<>());
    }

    @PostMapping(path = "/{userId}", consumes = "application/json")
    public Cart add(@PathVariable String userId, @RequestBody final Item item, HttpServletRequest... rest) {
        visits++;
        CARTS.computeIfAbsent(userId, key -> new ArrayList<>()).add(item);
        this.byId.put(next(), new Cart(item));
        synchronized (CARTS) {
            CARTS.remove(userId);
        }
        try (var out = new FileOutputStream(folder + "/" + userId)) {
            out.write(item.bytes());
        }
        executor.submit(this::work);
        bus.subscribe("carts", event -> CARTS.clear());
        Runnable task = new Runnable() {
            @Override public void run() { visits += 2; }
        };
        for (Item one : CARTS.get(userId)) { one.touch(); }
        return byId.get(item.id());
    }

    private void work() { CARTS.clear(); }

    enum Kind { A, B; static Map<String, Kind> known = new HashMap<>(); }
    record Point(int x, int y) { static int count; }
    interface Limits { int MAX = 10; }
}
"""


def _read(text: str, path: str = "src/main/java/com/acme/Carts.java") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    assert not facts.broken
    return facts


FACTS = _read(CARTS)


def _binding(name: str) -> Binding:
    return next(binding for binding in FACTS.bindings if binding.name == name)


def _uses(name: str) -> list[Use]:
    return [use for use in FACTS.uses if use.name == name]


def test_imports_bind_what_they_name() -> None:
    """Classes, static members and whole packages."""
    assert [(item.name, item.local) for item in FACTS.imports][:3] == [
        ("com.acme.Ids.next", "next"),
        ("java.util.*", "*"),
        ("java.util.concurrent.ConcurrentHashMap", "ConcurrentHashMap"),
    ]
    assert any(call.name == "com.acme.Ids.next" for call in FACTS.calls)


def test_static_fields_are_the_classs_others_are_its_objects() -> None:
    """Fields of classes, enums, records and interfaces, with their declared types."""
    shared = {(b.owner, b.name): b.instance for b in FACTS.bindings if b.owner.split(".")[-1][:1].isupper()}
    assert shared == {
        ("Carts", "CARTS"): False,
        ("Carts", "visits"): False,
        ("Carts", "byId"): True,
        ("Carts", "folder"): True,
        ("Carts.Kind", "known"): False,
        ("Carts.Point", "count"): False,
        ("Carts.Limits", "MAX"): False,
    }
    assert _binding("CARTS").type == "Map<String, List<Item>>"
    assert _binding("CARTS").constant
    assert not _binding("visits").constant


def test_a_field_that_settings_fill_says_which() -> None:
    """The expression of `@Value`, so that a default of `/tmp` can be told from one of `/srv`."""
    assert _binding("folder").value == Constant("${carts.folder:/var/carts}")


def test_what_is_done_to_a_container_is_told() -> None:
    """By methods, through an element, in closures and blocks, with key and value."""
    told = [(use.action, use.method, use.scope) for use in _uses("CARTS")]
    assert told == [
        (Action.MUTATE, "put", "Carts"),
        (Action.MUTATE, "computeIfAbsent", "Carts.add"),
        (Action.MUTATE, "add", "Carts.add"),
        (Action.READ, "", "Carts.add"),
        (Action.REMOVE, "remove", "Carts.add"),
        (Action.REMOVE, "clear", "Carts.add.<38>"),
        (Action.READ, "get", "Carts.add"),
        (Action.READ, "for", "Carts.add"),
        (Action.READ, "touch", "Carts.add"),
        (Action.REMOVE, "clear", "Carts.work"),
    ]
    added = next(use for use in _uses("CARTS") if use.method == "add")
    assert (added.key, added.value) == (Name("%userId"), Name("%item"))
    assert [use.method for use in _uses("visits")] == ["++", "+="]


def test_methods_know_their_annotations_and_the_types_of_parameters() -> None:
    """What a framework goes by."""
    add = FACTS.function_by_id["Carts.add"]
    assert add.kind is FunctionKind.METHOD
    assert add.parameter_types == ("String", "Item", "HttpServletRequest")
    note = add.decorators[0]
    assert isinstance(note, Call)
    assert note.option("consumes") == Constant("application/json")
    assert FACTS.function_by_id["Carts"].bases == ("Base", "Listener")


def test_functions_that_are_handed_over_know_to_whom() -> None:
    """Lambdas, references to methods, and objects of anonymous types."""
    registered = {f.id: f.registered.name for f in FACTS.functions if f.registered is not None}
    assert registered["Carts.work"] == "executor.submit"
    assert registered["Carts.add.<38>"] == "bus.subscribe"
    assert FACTS.function_by_id["Carts.add.<39>"].bases == ("Runnable",)


def test_methods_are_called_on_the_types_that_are_declared() -> None:
    """Parameters, fields and variables stand for objects of their types."""
    facts = _read(
        "import jakarta.servlet.http.HttpSession;\nclass A {\n  private HttpSession own;\n  void f(HttpSession given) {\n"
        '    given.setAttribute("a", 1);\n    own.setAttribute("b", 2);\n    HttpSession found = find();\n'
        '    found.setAttribute("c", 3);\n  }\n}\n'
    )
    names = [call.name for call in facts.calls if call.name.endswith("setAttribute")]
    assert names[:2] == ["jakarta.servlet.http.HttpSession().setAttribute"] * 2
    assert len(names) == 3


def test_joined_texts_are_templates() -> None:
    """`folder + "/" + name`."""
    facts = _read('class A { String f(String name) { return "/srv/" + name + ".txt"; } }')
    assert facts.returns[0].value == Template((Constant("/srv/"), Name("%name"), Constant(".txt")))


# -- what the analyses make of it -----------------------------------------------------------------------------------------

REPOSITORY = """\
@Service
class Books implements BookRepository {
    private final Cache<String, Book> books = Caffeine.newBuilder().maximumSize(100).build();
    public void save(Book book) { books.put(book.id(), book); }
    public Book find(String id) { return books.getIfPresent(id); }
}
"""
SERVER = Project(frozenset({"spring-boot-starter-web"}))


def _view(text: str, path: str = "src/main/java/A.java", project: Project = SERVER) -> View:
    return View(_read(text, path), Role.SERVER, load(), project)


def test_a_repository_whose_only_storage_is_a_cache_is_the_store() -> None:
    """It says what it is by what it implements; without that it is a cache as any other."""
    assert [signal.confidence.value for signal in find_shared(_view(REPOSITORY))] == ["likely"]
    plain = REPOSITORY.replace(" implements BookRepository", "")
    assert "likely" not in [signal.confidence.value for signal in find_shared(_view(plain))]


UPLOADS = """\
@RestController
class Pictures {
    @Value("${pictures.folder:./pictures}")
    private String folder;

    @PostMapping("/pictures")
    String add(MultipartFile file) throws IOException {
        Path target = Paths.get(folder).resolve(file.getOriginalFilename());
        %s
        return target.toString();
    }
}
"""


def _says(statement: str, text: str = UPLOADS) -> list[str]:
    return [signal.rule for signal in find(_view(text % statement)) if signal.confidence.value != "possible"]


def test_uploads_are_told_however_they_are_written() -> None:
    """By the upload itself, by Files, by streams, by helpers."""
    for statement in (
        "file.transferTo(target);",
        "file.transferTo(target.toFile());",
        "Files.copy(file.getInputStream(), target, StandardCopyOption.REPLACE_EXISTING);",
        "Files.write(target, file.getBytes());",
        "FileOutputStream out = new FileOutputStream(target.toFile()); out.write(file.getBytes());",
        "try (OutputStream out = Files.newOutputStream(target)) { IOUtils.copy(file.getInputStream(), out); }",
        "FileUtils.copyInputStreamToFile(file.getInputStream(), target.toFile());",
        "FileUtil.writeFromStream(file.getInputStream(), target.toFile());",
    ):
        assert _says(statement) == ["upload-on-local-disk"], statement


def test_what_stays_within_the_request_is_left_alone() -> None:
    """Temporary places, files that are removed again, answers, streams in memory."""
    for statement in (
        'File scratch = File.createTempFile("up", null); file.transferTo(scratch); bucket.put(scratch);',
        "file.transferTo(target); bucket.put(target); Files.delete(target);",
        "Files.copy(target, response.getOutputStream());",
        'ByteArrayOutputStream picture = new ByteArrayOutputStream(); ImageIO.write(captcha, "png", picture);',
        'OutputStream sent = response.getOutputStream(); ImageIO.write(captcha, "png", sent);',
        "file.getInputStream().transferTo(response.getOutputStream());",
        "ByteArrayOutputStream out = new ByteArrayOutputStream(); out.write(file.getBytes());",
    ):
        assert _says(statement) == [], statement
    assert _says("file.transferTo(target);", UPLOADS.replace("./pictures", "./tmp/pictures")) == []


# -- rules that a package settles -------------------------------------------------------------------------------------------

LOGIN = """\
import jakarta.servlet.http.HttpSession;
@RestController
class Login {
    @PostMapping("/login")
    void login(HttpSession session, String name) { session.setAttribute("user", name); }
}
"""


def test_a_package_that_changes_the_default_settles_the_rule() -> None:
    """With Spring Session the same code keeps sessions in Redis."""
    web = "<dependency><artifactId>spring-boot-starter-web</artifactId></dependency>"
    redis = "<dependency><artifactId>spring-session-data-redis</artifactId></dependency>"
    facts = (_read(LOGIN),)
    told = signals_of(facts, load(), project_from({"pom.xml": web}))
    settled = signals_of(facts, load(), project_from({"pom.xml": web + redis}))
    assert [signal.rule for signal in told.signals] == ["servlet-session-attribute"]
    assert settled.signals == []
    assert any(match.rule.settled_by for match in matches(load().candidates(facts[0]), facts[0]))
