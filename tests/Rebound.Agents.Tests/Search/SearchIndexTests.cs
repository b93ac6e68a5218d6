using Rebound.Agents.Search;

namespace Rebound.Agents.Tests.Search;

public sealed class SearchIndexTests : IDisposable
{
    private static readonly Passage[] Rivers =
    [
        new("Rhine", "The Rhine flows through Switzerland, Germany and the Netherlands into the North Sea."),
        new("Danube", "The Danube flows into the Black Sea; it passes ten countries."),
        new("The Hague", "The Hague is a city in the Netherlands, on the North Sea coast."),
        new("Café", "A café in Zürich sells cakes."),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-search-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Which rivers flow into the Black Sea?", "Danube")]
    [InlineData("hague", "The Hague")]
    [InlineData("cafes zurich", "Café")]
    [InlineData("NEAR(\"Rhine\" AND NOT title:Danube*) OR", "Rhine")]
    public void The_passage_that_fits_best_comes_first(string query, string title)
    {
        using var index = Build(Rivers);

        Assert.Equal(title, index.Search(query, 3)[0].Title);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"'*-:()")]
    [InlineData("zebra")]
    public async Task Nothing_found_is_said(string query)
    {
        using var index = Build(Rivers);

        Assert.Equal("No results found.", await new IndexSearchTool(index).InvokeAsync(query, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Results_are_observed_in_the_form_of_the_reference()
    {
        using var index = Build(Rivers);

        Assert.Equal(
            $" #1: {Rivers[2].Text} #2: {Rivers[0].Text}",
            await new IndexSearchTool(index, results: 2).InvokeAsync("Hague Netherlands", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Many_may_search_at_once()
    {
        using var index = Build(Rivers);

        var found = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => index.Search(i % 2 == 0 ? "Danube" : "Hague", 1)[0].Title)));

        Assert.All(found.Index(), result => Assert.Equal(result.Index % 2 == 0 ? "Danube" : "The Hague", result.Item));
    }

    [Fact]
    public void What_is_no_index_is_refused()
    {
        var path = Path.Combine(_folder, "text.db");
        File.WriteAllText(path, new string('x', 5_000));

        Assert.Throws<InvalidDataException>(() => SearchIndex.Open(path));
        Assert.Contains("data index", Assert.Throws<FileNotFoundException>(() => SearchIndex.Open(path + "2")).Message);
    }

    [Fact]
    public void What_cannot_be_indexed_leaves_nothing_behind_and_an_index_as_it_was()
    {
        var path = Path.Combine(_folder, "kept.db");
        SearchIndex.Build(path, [new Passage("Rhine", "A river.")], cancellation: TestContext.Current.CancellationToken);
        var before = File.ReadAllBytes(path);

        Assert.Equal(0, SearchIndex.Build(path, [], cancellation: TestContext.Current.CancellationToken));
        var unreadable = Enumerable.Range(0, 3).Select(i => i < 2 ? new Passage("", "text") : throw new InvalidDataException("unreadable"));
        Assert.Throws<InvalidDataException>(() => SearchIndex.Build(path, unreadable, cancellation: TestContext.Current.CancellationToken));

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Empty(Directory.GetFiles(_folder, "*.partial"));
    }

    [Fact]
    public async Task A_corpus_is_rows_texts_or_a_folder_of_both()
    {
        File.WriteAllText(Path.Combine(_folder, "a.jsonl"), """
            {"title": "Rhine", "text": "A river.\nIn Europe."}
            {"contents": "No title."}
            """);
        File.WriteAllText(Path.Combine(_folder, "b.md"), "One paragraph.\n\nAnother.");
        File.WriteAllText(Path.Combine(_folder, "c.bin"), "ignored");

        var passages = await Corpus.ReadAsync(_folder).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal([("Rhine", "A river."), ("Rhine", "In Europe."), ("", "No title."), ("b", "One paragraph."), ("b", "Another.")],
            passages.Select(passage => (passage.Title, passage.Text)));
    }

    [Fact]
    public void Long_paragraphs_are_cut_between_sentences()
    {
        var sentences = Enumerable.Range(0, 40).Select(i => $"Sentence {i} has six words here.").ToArray();

        var passages = Passages.Of("t", string.Join(' ', sentences)).ToArray();

        Assert.Equal(3, passages.Length);
        Assert.Equal(string.Join(' ', sentences), string.Join(' ', passages.Select(passage => passage.Text)));
        Assert.All(passages, passage => Assert.EndsWith(".", passage.Text));
    }

    private SearchIndex Build(IEnumerable<Passage> passages)
    {
        var path = Path.Combine(_folder, "index.db");
        SearchIndex.Build(path, passages);
        return SearchIndex.Open(path);
    }
}
