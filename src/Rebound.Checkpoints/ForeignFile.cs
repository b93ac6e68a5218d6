namespace Rebound.Checkpoints;

/// <summary>Guesses the type of a file that is not a model from its first bytes.</summary>
public static class ForeignFile
{
    /// <summary>How many of the first bytes a guess needs.</summary>
    public const int BytesToLookAt = 64;

    private static readonly (byte[] Beginning, string Guess)[] Known =
    [
        ("version https://git-lfs"u8.ToArray(), "it is a Git LFS pointer to the file; 'git lfs pull' in its folder gets the file itself"),
        ("PK\u0003\u0004"u8.ToArray(),
            "it is a zip archive, as PyTorch's .bin and .pt files are, which hold Python's pickles; take the model's "
                + ".safetensors or .gguf"),
        ([0x80, 0x02], "it holds a Python pickle, as PyTorch's .bin and .pt files do; take the model's .safetensors or .gguf"),
        ([0x80, 0x04], "it holds a Python pickle; take the model's .safetensors or .gguf"),
        ("lmgg"u8.ToArray(), "it is a GGML file, which came before GGUF; take the model's .gguf"),
        ("fmgg"u8.ToArray(), "it is a GGML file, which came before GGUF; take the model's .gguf"),
        ("tjgg"u8.ToArray(), "it is a GGML file, which came before GGUF; take the model's .gguf"),
        ("GGUF"u8.ToArray(), "it is a GGUF file, and is named as one"),
        ("<"u8.ToArray(), "it looks like a web page that was saved in the file's place; get the file again"),
        ("{"u8.ToArray(), "it looks like JSON; the weights lie in another file, and a model is named by its folder or its .gguf"),
        ([0x1F, 0x8B], "it is compressed by gzip; unpack it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "it is compressed by zstd; unpack it first"),
    ];

    /// <summary>The end of a sentence that names the file's type; null where it is not recognized.</summary>
    /// <param name="beginning">The first bytes of the file.</param>
    public static string? Guess(ReadOnlySpan<byte> beginning)
    {
        if (beginning.IsEmpty)
        {
            return "it is empty";
        }

        var text = beginning.TrimStart("\uFEFF \t\r\n"u8);
        foreach (var (known, guess) in Known)
        {
            if (text.StartsWith(known))
            {
                return guess;
            }
        }

        return text.IndexOfAnyExcept((byte)0) < 0 ? "it holds zeros alone, as a download that did not end leaves it; get it again" : null;
    }

    /// <summary>As <see cref="Guess(ReadOnlySpan{byte})"/>, of a file that can be read.</summary>
    public static string? Guess(string path) => Guess(Beginning(path));

    /// <summary>
    /// As <see cref="Guess(string)"/>, of a file that was taken for JSON; null for an empty one and for one that begins as JSON does.
    /// </summary>
    public static string? GuessInPlaceOfJson(string path) =>
        Beginning(path) is { Length: > 0 } beginning
            && beginning.AsSpan().TrimStart("\uFEFF \t\r\n"u8) is [not ((byte)'{' or (byte)'['), ..]
            ? Guess(beginning)
            : null;

    /// <summary>Whether a file begins as GGUF files do.</summary>
    public static bool IsGguf(string path) => Beginning(path).AsSpan().StartsWith("GGUF"u8);

    private static byte[] Beginning(string path)
    {
        using var file = File.OpenRead(path);
        var beginning = new byte[BytesToLookAt];
        return beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)];
    }
}
