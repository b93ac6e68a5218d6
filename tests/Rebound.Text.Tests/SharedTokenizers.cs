using System.Collections.Concurrent;

namespace Rebound.Text.Tests;

/// <summary>The real vocabularies under <c>../shared</c>, each loaded once for all tests.</summary>
internal static class SharedTokenizers
{
    private static readonly ConcurrentDictionary<string, Lazy<Tokenizer>> Loaded = new();

    public static Tokenizer Get(string folder)
    {
        var path = Testing.SharedData.Path(folder);
        return Loaded.GetOrAdd(path, static path => new Lazy<Tokenizer>(() => Tokenizer.Load(path))).Value;
    }
}
