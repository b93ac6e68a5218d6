using Microsoft.Win32.SafeHandles;

namespace Rebound.Hub.Transfer;

/// <summary>
/// A file that is being downloaded in ranges, in any order. Beside it, a byte a range says which are whole, so that another run goes on
/// where one ended.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly SafeFileHandle _content;
    private readonly SafeFileHandle _marks;
    private readonly byte[] _whole;

    /// <param name="path">Where it is written until it is whole.</param>
    /// <param name="ranges">How many ranges it has.</param>
    /// <exception cref="IOException">The disk refuses, or another process downloads the same.</exception>
    public PartialFile(string path, long size, int ranges, int rangeBytes)
    {
        // Ranges of another length are none of these.
        (Path, MarksPath) = (path, $"{path}.{rangeBytes}");
        _content = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, preallocationSize: 0);
        var isNew = RandomAccess.GetLength(_content) != size;
        _marks = File.OpenHandle(MarksPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        _whole = new byte[ranges];
        if (isNew)
        {
            RandomAccess.SetLength(_content, size);
            RandomAccess.SetLength(_marks, 0);
        }

        RandomAccess.Read(_marks, _whole, 0);
        RandomAccess.SetLength(_marks, ranges);
    }

    public string Path { get; }

    private string MarksPath { get; }

    public bool IsWhole(int range) => _whole[range] != 0;

    public void Write(ReadOnlySpan<byte> bytes, long at) => RandomAccess.Write(_content, bytes, at);

    /// <summary>A range has all its bytes.</summary>
    public void Mark(int range)
    {
        RandomAccess.FlushToDisk(_content);
        _whole[range] = 1;
        RandomAccess.Write(_marks, [1], range);
    }

    /// <summary>Takes what is known of ranges away, once the file is whole or of no use.</summary>
    public void Forget()
    {
        _marks.Dispose();
        File.Delete(MarksPath);
    }

    public void Dispose()
    {
        _content.Dispose();
        _marks.Dispose();
    }
}
