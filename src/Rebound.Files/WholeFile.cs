using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Files;

/// <summary>
/// Files that appear under their name when they are whole, and on the disk: written beside their place, flushed, renamed, and the
/// folder's entries flushed. Whatever ends the process or the machine at whatever instant, the name has the old content or the new.
/// </summary>
public static class WholeFile
{
    /// <summary>The suffix of a file that is still being written.</summary>
    public const string PartialSuffix = ".partial";

    private const int BufferBytes = 1 << 20;

    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 1000,
    };

    /// <summary>Where a file is written until it is whole.</summary>
    public static string PartialOf(string path) => path + PartialSuffix;

    /// <summary>Writes a file, in the place of one that may be there.</summary>
    /// <param name="check">
    /// Looks at the file, under the name that it is given, when all is written; an exception leaves nothing. Null for no look.
    /// </param>
    /// <exception cref="IOException">The disk refuses; what was there before stays, and nothing else does.</exception>
    public static void Write(string path, Action<Stream> write, Action<string>? check = null)
    {
        var partial = PartialOf(path);
        try
        {
            FileCalls.Current.Write(partial, file =>
            {
                using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
                write(stream);
            });
            check?.Invoke(partial);
            Complete(partial, path);
        }
        catch
        {
            FileCalls.Current.DeleteFile(partial);
            throw;
        }
    }

    /// <summary>Gives a file that is written and closed its name.</summary>
    /// <param name="partial">In the folder of <paramref name="path"/>.</param>
    /// <exception cref="IOException">The disk refuses; the file stays where it is.</exception>
    public static void Complete(string partial, string path)
    {
        var calls = FileCalls.Current;
        calls.FlushFile(partial);
        calls.MoveFile(partial, path);
        calls.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Writes text in UTF-8.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes JSON for people, too: indented, with the characters that it means.</summary>
    public static void WriteJson(string path, JsonNode content) => WriteJson(path, writer => content.WriteTo(writer));

    /// <inheritdoc cref="WriteJson(string, JsonNode)"/>
    public static void WriteJson(string path, Action<Utf8JsonWriter> write) => Write(path, stream =>
    {
        using (var writer = new Utf8JsonWriter(stream, Indented))
        {
            write(writer);
        }

        stream.WriteByte((byte)'\n');
    });

    /// <summary>
    /// Copies a file's content alone, so that the copy of one that may not be written to may be; nothing where there is none.
    /// </summary>
    public static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Write(to, source.CopyTo);
        }
    }
}
