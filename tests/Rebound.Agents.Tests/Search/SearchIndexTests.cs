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

        var found = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(i => Task.Run(() => index.Search(i % 2 == 0 ? "Danube" : "Hague", 1)[0].Title)));

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
    public void A_damaged_index_is_said_to_be_one()
    {
        var path = Path.Combine(_folder, "index.db");
        SearchIndex.Build(
            path,
            Enumerable.Range(0, 300).Select(i =>
                new Passage($"Title {i}", $"The river {i} flows into sea {i % 7} and passes {i % 11} countries.")),
                cancellation: TestContext.Current.CancellationToken);
        var whole = File.ReadAllBytes(path);
        var random = new Random(7);
        var (found, said) = (0, new List<string>());
        for (var i = 0; i < 400; i++)
        {
            File.WriteAllBytes(path, Damaged(whole, i, random));
            try
            {
                using var index = SearchIndex.Open(path);
                found += index.Search("which river flows into sea 3?", 3).Count + index.Search("countries", 100).Count;
            }
            catch (InvalidDataException e)
            {
                said.Add(e.Message);
            }
        }

        Assert.True(found > 0);
        Assert.True(said.Count > 40);
        Assert.All(said, message => Assert.StartsWith(path, message));
        Assert.All(said, message => Assert.Contains("data index", message));
    }

    [Fact]
    public async Task A_damaged_cache_is_said_to_be_one()
    {
        var path = Path.Combine(_folder, "cache.db");
        using (var cache = new SearchCache(path))
        {
            Enumerable.Range(0, 500).ToList().ForEach(i => cache.Store($"query {i}", new string('x', 100)));
        }

        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        Array.Fill(bytes, (byte)0xFF, 4096, bytes.Length - 4096);
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        using var damaged = new SearchCache(path);
        Assert.Contains("is damaged", Assert.Throws<InvalidDataException>(() => damaged.Find("query 7")).Message);
        Assert.Contains("cannot be written", Assert.Throws<IOException>(() => damaged.Store("query 7", "x")).Message);
    }

    [Fact]
    public void A_query_of_many_words_is_searched_for()
    {
        using var index = Build(Rivers);

        Assert.Equal("Danube", index.Search(string.Join(' ', Enumerable.Range(0, 30_000).Select(i => $"w{i}")) + " Danube", 1)[0].Title);
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

    /// <summary>The bytes with something wrong: an end that is missing, bits turned, or a stretch of zeros or noise.</summary>
    private static byte[] Damaged(byte[] whole, int number, Random random)
    {
        var bytes = (byte[])whole.Clone();
        var at = random.Next(number % 5 == 4 ? 200 : bytes.Length);
        switch (number % 5)
        {
            case 0:
                return bytes[..at];
            case 1:
                Array.Clear(bytes, at, Math.Min(random.Next(4096), bytes.Length - at));
                break;
            case 2:
                random.NextBytes(bytes.AsSpan(at, Math.Min(random.Next(512), bytes.Length - at)));
                break;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
        }

        return bytes;
    }

    private SearchIndex Build(IEnumerable<Passage> passages)
    {
        var path = Path.Combine(_folder, "index.db");
        SearchIndex.Build(path, passages);
        return SearchIndex.Open(path);
    }
}
