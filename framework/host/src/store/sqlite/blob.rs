//! Columns of numbers as little-endian blobs.

use crate::error::Result;

/// Eight bytes each.
pub fn from_u64(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Four bytes each.
pub fn from_u32(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Back again.
pub fn to_u64(blob: &[u8]) -> Result<Vec<u64>> {
    chunks(blob).map(|chunks| chunks.iter().map(|&chunk| u64::from_le_bytes(chunk)).collect())
}

/// Back again.
pub fn to_u32(blob: &[u8]) -> Result<Vec<u32>> {
    chunks(blob).map(|chunks| chunks.iter().map(|&chunk| u32::from_le_bytes(chunk)).collect())
}

fn chunks<const N: usize>(blob: &[u8]) -> Result<&[[u8; N]]> {
    match blob.as_chunks() {
        (chunks, []) => Ok(chunks),
        _ => Err(super::damaged("a column of samples ends within a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        assert_eq!(from_u32(&[1, u32::MAX]), [1, 0, 0, 0, 255, 255, 255, 255]);
        assert_eq!(to_u64(&from_u64(&[0, 1, u64::MAX])).unwrap(), [0, 1, u64::MAX]);
        assert_eq!(to_u32(&[]).unwrap(), [] as [u32; 0]);
        assert!(to_u64(&[0; 12]).is_err());
    }
}
